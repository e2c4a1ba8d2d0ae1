import type { MntEntry } from "../../../criu/images/schema/index.ts";

/** A memory file system that takes the place of what was mounted from outside. */
export interface MadeFileSystem {
  readonly device: number;
  readonly isSharedMemory: boolean;
}

export interface AdaptedMounts {
  readonly mounts: readonly MntEntry[];
  readonly made: readonly MadeFileSystem[];
  /** What Docker mounts in no container. */
  readonly gone: readonly MntEntry[];
}

export const sharedMemory = "/dev/shm";
/** CRIU v4.2, images/mnt.proto. */
const TMPFS = 5;
const MS_RDONLY = 1;
/** runc's name for what it masks files with. */
const nullDevice = "/dev/null";

/** What Docker has runc mount from outside into every container, as runc names it to CRIU. */
const given = (key: string) =>
  ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", nullDevice].includes(key) || key.startsWith("/sys/fs/cgroup/");

/**
 * The mounts of another engine's container as Docker's with runc has them. crun masks files and folders under names of its own
 * (libcrun/criu.c, register_masked_paths_mounts).
 * @param masked what the container must not see of the kernel
 * @param mounted where Docker mounts volumes and folders, too
 * @param devices of all file systems; those that are made are added
 */
export function adaptMounts(
  mounts: readonly MntEntry[],
  { masked, mounted }: { readonly masked: readonly string[]; readonly mounted: readonly string[] },
  devices: Set<number>,
): AdaptedMounts {
  const made: MadeFileSystem[] = [];
  const adapted = new Map<MntEntry, MntEntry>();
  for (const mount of mounts) {
    const key = keyOf(mount);
    if (key === undefined) continue;
    if (mount.mountpoint === sharedMemory) {
      adapted.set(mount, own({ ...mount, source: "shm" }));
      made.push({ device: mount.root_dev, isSharedMemory: true });
    } else if (masked.includes(mount.mountpoint) && key !== nullDevice) {
      if (key === mount.mountpoint) adapted.set(mount, { ...mount, ext_key: nullDevice });
      else {
        const device = unusedDevice(devices);
        devices.add(device);
        adapted.set(mount, own({ ...mount, root_dev: device, source: "tmpfs", options: "", flags: mount.flags | MS_RDONLY }));
        made.push({ device, isSharedMemory: false });
      }
    } else if (given(key) || mounted.includes(mount.mountpoint)) adapted.set(mount, mount);
  }
  const gone = withChildren(mounts, (mount) => keyOf(mount) !== undefined && !adapted.has(mount));
  return {
    mounts: mounts.filter((mount) => !gone.has(mount)).map((mount) => adapted.get(mount) ?? mount),
    made,
    gone: [...gone],
  };
}

/** The number of a device of no driver, as file systems in memory have: 12 bits of the major number lie in the midst of the minor's (linux/kdev_t.h). */
function unusedDevice(used: ReadonlySet<number>): number {
  for (let minor = 1; ; minor++) {
    const device = (minor & 0xff) | ((minor & ~0xff) << 12);
    if (!used.has(device)) return device;
  }
}

/** Undefined: the mount is the container's own. */
function keyOf({ ext_key: key = "", ext_mount: external }: MntEntry): string | undefined {
  return key !== "" || external === true ? key : undefined;
}

function own({ ext_key: _, ext_mount: __, ...mount }: MntEntry): MntEntry {
  return { ...mount, fstype: TMPFS, root: "/" };
}

function withChildren(mounts: readonly MntEntry[], isGone: (mount: MntEntry) => boolean): ReadonlySet<MntEntry> {
  const gone = new Set(mounts.filter(isGone));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    const ids = new Set([...gone].map(({ mnt_id: id }) => id));
    for (const mount of mounts) if (ids.has(mount.parent_mnt_id)) gone.add(mount);
  }
  return gone;
}
