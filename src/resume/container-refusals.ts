import type { CheckpointImages, TemporaryFile } from "../criu/images/checkpoint-images.ts";
import type { FileLockEntry, MntEntry } from "../criu/images/schema/index.ts";
import { ipcReasons } from "./ipc/objects.ts";
import type { ResumedProcess } from "./process.ts";

/** CRIU's kinds of lock (FL_* in criu/include/file-lock.h). */
const lockKinds: ReadonlyMap<number, string> = new Map([
  [1, "a POSIX lock (fcntl)"],
  [2, "a lock of the whole file (flock)"],
  [8, "a lease"],
  [4, "an open file description lock"],
]);
/** Links that runtimes make in /dev (runtime-spec, config-linux.md), and runc's for the kernel's memory. */
const standardLinks: ReadonlySet<string> = new Set(["fd", "stdin", "stdout", "stderr", "ptmx", "core"]);
const shownFiles = 5;

/** What belongs to the container rather than to one of its processes, and can't be carried. */
export function containerReasons(images: CheckpointImages, [first]: readonly [ResumedProcess, ...ResumedProcess[]]): string[] {
  return [
    ...images.fileLocks.map(describeLock),
    ...ipcReasons(images),
    ...temporaryFileReasons(images, images.mounts(images.ids(first.pid)?.mnt_ns_id ?? 0)),
  ];
}

function describeLock({ fd, flag }: FileLockEntry): string {
  return `descriptor ${fd}: ${lockKinds.get(flag) ?? `a file lock of kind ${flag}`}`;
}

/** A tmpfs is memory of the source's machine: the target's begins empty, but for what the runtime puts there. */
function temporaryFileReasons(images: CheckpointImages, mounts: readonly MntEntry[]): string[] {
  const expected = withParents(mounts.map(({ mountpoint }) => mountpoint));
  return [...images.temporaryFileSystems].flatMap(([device, files]) => {
    // Not where a single file of it is mounted: runc masks files of /proc with /dev/null.
    const place = mounts.find(({ root_dev, root }) => root_dev === device && root === "/")?.mountpoint ?? "an unknown place";
    if (/^\/(sys|proc)(\/|$)/.test(place)) return []; // made by the runtime, over control groups and masked files
    const prefix = place === "/" ? "/" : `${place}/`;
    const others = files.filter((file) => !expected.has(prefix + file.name) && !(place === "/dev" && isStandardDevice(file)));
    if (others.length === 0) return [];
    const more = others.length > shownFiles ? `, … (${others.length})` : "";
    const names = others.slice(0, shownFiles).map(({ name }) => prefix + name);
    return [`files in the tmpfs at ${place}: ${names.join(", ")}${more}`];
  });
}

/** Privileged containers have all devices of their machine. */
function isStandardDevice({ name, type }: TemporaryFile): boolean {
  return type === "character-device" || type === "block-device" || (type === "symlink" && standardLinks.has(name));
}

/** Folders that are there since something is mounted in them. */
function withParents(paths: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) all.add(path.slice(0, end));
  }
  return all;
}
