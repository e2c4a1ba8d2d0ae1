const known = new Set([
  ...["path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "atime", "ctime", "hdrcharset"],
  ...["GNU.sparse.major", "GNU.sparse.minor", "GNU.sparse.name", "GNU.sparse.realsize"],
  ...["SCHILY.acl.access", "SCHILY.acl.default", "RHT.security.selinux"],
]);
const attribute = "SCHILY.xattr.";
/** `trusted.` is the kernel's and root's own; of it, a layer has what overlayfs keeps there. */
const attributes = ["user.", "security.", "system.posix_acl_", "trusted.overlay."];

/** Whether GNU tar and Go's archive/tar write such a record for a file of a container. */
export function isKnownRecord(key: string): boolean {
  if (known.has(key)) return true;
  const name = key.slice(attribute.length);
  return key.startsWith(attribute) && attributes.some((prefix) => name.startsWith(prefix));
}
