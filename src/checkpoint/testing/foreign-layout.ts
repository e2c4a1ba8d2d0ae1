import { contentOf, type Part, type Parts } from "./parts.ts";

/** The images of an archive of our own in the layout of podman's, with the records that are read of it. */
export function podmanLayout(parts: Parts): Part[] {
  const images = parts.parts
    .filter(({ name }) => name.startsWith("images/") && !name.endsWith("SHA256SUMS"))
    .map(({ name, content }) => ({ name: name.replace("images/", "checkpoint/"), content }));
  return [
    { name: "config.dump", content: json(configuration) },
    { name: "spec.dump", content: json(specification) },
    { name: "network.status", content: json(null) },
    ...images,
    { name: "rootfs-diff.tar", content: contentOf(parts, "upper.tar") },
    { name: "deleted.files", content: json(["/etc/gone", "/var/lib/gone"]) },
  ];
}

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export const configuration = {
  id: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  name: "web",
  rootfsImageName: "localhost/web:latest",
  runtime: "runc",
};

export const specification = {
  ociVersion: "1.0.2",
  process: {
    args: ["/bin/sh", "-c", "sleep 1"],
    env: ["PATH=/bin", "TOKEN=secret"],
    cwd: "/",
    capabilities: { bounding: ["CAP_CHOWN", "CAP_SYS_PTRACE"] },
  },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/etc/hosts", type: "bind", source: "/run/containers/hosts", options: ["rbind"] },
    { destination: "/etc/passwd", type: "bind", source: "/etc/shadow", options: ["rbind"] },
  ],
  linux: {
    namespaces: ["pid", "network", "ipc", "uts", "mount"].map((type) => ({ type })),
    devices: [{ path: "/dev/sda", type: "b", major: 8, minor: 0 }],
    seccomp: { defaultAction: "SCMP_ACT_ERRNO" },
    maskedPaths: ["/proc/kcore"],
    readonlyPaths: ["/proc/sys"],
  },
};
