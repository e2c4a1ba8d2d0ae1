import type { CheckpointImages, TemporaryFile } from "../../criu/images/checkpoint-images.ts";

/** Links that runtimes make in /dev (runtime-spec, config-linux.md), and runc's for the kernel's memory. */
const standardLinks: ReadonlySet<string> = new Set(["fd", "stdin", "stdout", "stderr", "ptmx", "core"]);

/** What processes have put into a memory file system. */
export interface TemporaryFolder {
  readonly device: number;
  /** Where it is mounted; undefined when that can't be seen. */
  readonly place: string | undefined;
  /** Its own attributes; undefined where nobody but the runtime has changed them. */
  readonly root: TemporaryFile | undefined;
  readonly files: readonly PlacedFile[];
}

export interface PlacedFile extends TemporaryFile {
  readonly path: string;
}

/** A tmpfs is memory of the source's machine: the target's begins empty, but for what the runtime puts there. */
export function temporaryFolders(images: CheckpointImages): TemporaryFolder[] {
  const mounts = images.mounts(images.ids(images.pstree[0]?.pid ?? 0)?.mnt_ns_id ?? 0);
  const expected = withParents(mounts.map(({ mountpoint }) => mountpoint));
  return [...images.temporaryFileSystems].flatMap(([device, files]): TemporaryFolder[] => {
    // Not where a single file of it is mounted: runc masks files of /proc with /dev/null.
    const place = mounts.find(({ root_dev, root }) => root_dev === device && root === "/")?.mountpoint;
    if (place !== undefined && /^\/(sys|proc)(\/|$)/.test(place)) return []; // made by the runtime, over control groups and masked files
    const prefix = place === "/" || place === undefined ? "/" : `${place}/`;
    const own = files
      .filter(({ name }) => name !== "")
      .map((file) => ({ ...file, path: prefix + file.name }))
      .filter((file) => !expected.has(file.path) && !(place === "/dev" && isStandardDevice(file)));
    return [{ device, place, root: place === "/dev" ? undefined : files.find(({ name }) => name === ""), files: own }];
  });
}

/** Privileged containers have all devices of their machine. */
function isStandardDevice({ name, type }: TemporaryFile): boolean {
  return isDevice(type) || (type === "symlink" && standardLinks.has(name));
}

export function isDevice(type: TemporaryFile["type"]): boolean {
  return type === "character-device" || type === "block-device";
}

/** Folders that are there since something is mounted in them. */
function withParents(paths: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) all.add(path.slice(0, end));
  }
  return all;
}
