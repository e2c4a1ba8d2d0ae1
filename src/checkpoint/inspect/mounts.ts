import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { InspectedMount } from "./inspection.ts";

/** CRIU v4.2, images/mnt.proto, enum fstype. */
const types: Readonly<Record<number, string>> = {
  ...["other", "proc", "sysfs", "devtmpfs", "binfmt_misc", "tmpfs", "devpts", "simfs", "pstore", "securityfs", "fusectl"],
  ...{
    11: "debugfs",
    12: "cgroup",
    13: "aufs",
    14: "mqueue",
    15: "fuse",
    16: "auto",
    17: "overlay",
    18: "autofs",
    19: "tracefs",
  },
  23: "cgroup2",
};

/** The mounts of the first process's namespace. */
export function inspectMounts(images: CheckpointImages): InspectedMount[] {
  const root = images.pstree.find(({ pid }) => images.ids(pid)?.mnt_ns_id !== undefined);
  const namespace = root && images.ids(root.pid)?.mnt_ns_id;
  if (namespace === undefined) return [];
  return images.mounts(namespace).map(({ mountpoint, fstype, fsname, source, options, root: part, ext_mount }) => ({
    path: mountpoint.replace(/^\.?(?=\/)/, "") || "/",
    type: fsname ?? types[fstype] ?? `type ${fstype}`,
    source: ext_mount === true ? `outside the container (${part})` : source,
    options,
  }));
}
