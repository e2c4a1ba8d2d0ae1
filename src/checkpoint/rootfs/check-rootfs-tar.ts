import type { ArchiveLimits } from "../archive/limits.ts";
import { type RefusalReason, refusal, shown as shownText } from "../archive/refusal.ts";
import type { ByteReader } from "../tar/byte-reader.ts";
import { byteText } from "../tar/header.ts";
import { readTar, type TarEntry } from "../tar/read-tar.ts";
import { isKnownRecord } from "./records.ts";

/** Where nothing may be put any more, and what is a folder. */
interface Seen {
  /** Entries by their names, other than folders. */
  readonly leaves: Map<string, "file" | "symlink" | "other">;
  /** Entries that are folders, and folders that others' names imply. */
  readonly folders: Map<string, "entry" | "implied">;
  nameBytes: number;
}

/**
 * Reads a tar archive of a writable layer and refuses what could reach out of the folder that it will be unpacked to, before a
 * program of the system unpacks it. What links point to is the container's own affair: nobody follows them here.
 * @throws MigrationError `archive-refused`: the reasons `upper-…`, and `truncated`, `trailing-data`
 */
export async function checkRootfsTar(reader: ByteReader, limits: ArchiveLimits): Promise<{ readonly entries: number }> {
  const seen: Seen = { leaves: new Map(), folders: new Map([["", "implied"]]), nameBytes: 0 };
  let entries = 0;
  try {
    for await (const entry of readTar(reader, { extended: isKnownRecord, decodeName: byteText })) {
      entries += 1;
      checkEntry(entry, seen);
      if (entries > limits.rootfsEntries || seen.nameBytes > limits.rootfsNameBytes) {
        throw refusal("upper-too-many", "its writable layer has too many files");
      }
      for await (const _ of entry.content);
    }
  } catch (error) {
    throw asUpper(error);
  }
  return { entries };
}

function checkEntry(entry: TarEntry, seen: Seen): void {
  const name = relative(entry.name, entry);
  seen.nameBytes += name.length;
  checkParents(name, seen);
  if (entry.type === "directory") {
    if (seen.leaves.has(name) || seen.folders.get(name) === "entry") throw refuse("upper-duplicate", "comes twice", entry);
    seen.folders.set(name, "entry");
    return;
  }
  if (name === "") throw refuse("upper-name", "has no name", entry);
  if (seen.leaves.has(name) || seen.folders.has(name)) throw refuse("upper-duplicate", "comes twice", entry);
  if (entry.type === "link") checkHardLink(entry, seen);
  if (entry.type === "character-device" || entry.type === "block-device") checkDevice(entry);
  seen.leaves.set(name, entry.type === "file" || entry.type === "link" ? "file" : entry.type === "symlink" ? "symlink" : "other");
}

/** The name as tar understands it: without `./` in front and `/` behind. */
function relative(name: string, entry: TarEntry): string {
  if (name.startsWith("/")) throw refuse("upper-absolute", "has an absolute path", entry);
  if (name.includes("\0")) throw refuse("upper-name", "has no proper name", entry);
  const parts = name.replace(/^\.\//, "").replace(/\/$/, "").split("/");
  if (parts.includes("..")) throw refuse("upper-traversal", "leads out of the container's files", entry);
  if (parts.length === 1 && (parts[0] === "" || parts[0] === ".")) return "";
  if (parts.includes("") || parts.includes(".")) throw refuse("upper-name", "has no proper name", entry);
  if (parts.some((part) => part.length > 255)) throw refuse("upper-name", "has too long a name", entry);
  return parts.join("/");
}

/** Every folder on the way is a folder, or not there yet. */
function checkParents(name: string, seen: Seen): void {
  for (let slash = name.indexOf("/"); slash !== -1; slash = name.indexOf("/", slash + 1)) {
    const parent = name.slice(0, slash);
    const leaf = seen.leaves.get(parent);
    if (leaf === "symlink")
      throw refusal("upper-through-link", `the entry \`${shown(name)}\` of its writable layer leads through a link`);
    if (leaf !== undefined)
      throw refusal("upper-duplicate", `the entry \`${shown(parent)}\` of its writable layer is a file and a folder`);
    if (!seen.folders.has(parent)) seen.folders.set(parent, "implied");
  }
}

/** A hard link is another name of a file before it; tar makes it with link(2), which would reach any file of the machine. */
function checkHardLink(entry: TarEntry, seen: Seen): void {
  const { linkName } = entry;
  const outside = linkName.startsWith("/") || linkName.split("/").includes("..");
  if (outside || seen.leaves.get(linkName.replace(/^\.\//, "")) !== "file") {
    throw refuse("upper-link-outside", "is a hard link to no file before it", entry);
  }
}

/** overlayfs marks what is deleted with a character device 0:0 (kernel, Documentation/filesystems/overlayfs.rst, "whiteouts"). */
function checkDevice(entry: TarEntry): void {
  if (entry.type === "character-device" && entry.major === 0 && entry.minor === 0) return;
  throw refuse("upper-device", `is a device (${entry.major}:${entry.minor})`, entry);
}

/** Names have a letter for each byte here; most are UTF-8. */
function shown(name: string): string {
  return shownText(Buffer.from(name, "latin1").toString());
}

function refuse(reason: RefusalReason, why: string, { name }: TarEntry): Error {
  return refusal(reason, `the entry \`${shown(name)}\` of its writable layer ${why}`, { member: shown(name) });
}

const translated: Readonly<Record<string, RefusalReason>> = {
  "sparse-member": "upper-sparse",
  "extended-header": "upper-attribute",
  "member-type": "upper-type",
};

/** What the tar reader says of the writable layer is told from what it says of the archive itself. */
function asUpper(error: unknown): unknown {
  const { details, message } = error as { details?: { reason?: RefusalReason }; message: string };
  const reason = details?.reason;
  if (reason === undefined || reason.startsWith("upper-")) return error;
  return refusal(
    translated[reason] ?? "upper-corrupt",
    `${message.replace(/^the archive is refused: /, "")} (in its writable layer)`,
    { cause: error },
  );
}
