import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { MntEntry } from "../../criu/images/schema/index.ts";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { defaultCapabilities } from "../../engine/docker/security.ts";
import { capabilitiesOf, capabilityNames, namesOf } from "../../resume/capabilities.ts";
import { refusal, shown } from "./refusal.ts";

type Confinement = Pick<ContainerRecord, "HostConfig">;

/**
 * Refuses images that are of no container such as its archive tells of.
 * @throws MigrationError `archive-refused`, `image-unconfined`
 */
export function checkConfined(images: CheckpointImages, record: Confinement): void {
  const reasons = beyond(images, record);
  if (reasons.length === 0) return;
  throw refusal("image-unconfined", `CRIU would restore what its container is not given: ${reasons.join("; ")}`);
}

/**
 * What the processes have of the machine beyond what their container is given: CRIU restores namespaces, mounts and capabilities as the
 * images have them, whatever the container is configured with.
 * @param record what an archive says, or less: what the user grants of it
 */
export function beyond(images: CheckpointImages, record: Confinement): string[] {
  return [...namespaceReasons(images, record), ...mountReasons(images, record), ...capabilitiesBeyond(images, record)];
}

const namespaceIds = {
  mount: "mnt_ns_id",
  pid: "pid_ns_id",
  network: "net_ns_id",
  ipc: "ipc_ns_id",
  uts: "uts_ns_id",
} as const;

/** Namespaces that CRIU would not make, since the processes have had those of the machine (`inventory.root_ids`). */
function namespaceReasons(images: CheckpointImages, { HostConfig: config }: Confinement): string[] {
  const { root_ids: machine } = images.inventory;
  if (machine === undefined) return ["they don't tell which namespaces the machine had"];
  const allowed = new Set([
    ...(config.NetworkMode === "host" ? ["network"] : []),
    ...(config.IpcMode === "host" ? ["ipc"] : []),
    ...(config.PidMode === "host" ? ["pid"] : []),
    ...(config.UTSMode === "host" ? ["uts"] : []),
  ]);
  const shared = new Set<string>();
  for (const { pid } of images.pstree) {
    const ids = images.ids(pid);
    if (ids === undefined) continue; // a zombie
    for (const [name, field] of Object.entries(namespaceIds)) {
      if (!allowed.has(name) && (ids[field] === undefined || ids[field] === machine[field])) shared.add(name);
    }
  }
  return [...shared].map((name) => `a process is in the machine's own ${name} namespace`);
}

/** CRIU v4.2, images/mnt.proto. Others are file systems of the machine. */
const fileSystems = { proc: 1, sysfs: 2, tmpfs: 5, devpts: 6, cgroup: 12, mqueue: 14, cgroup2: 23 } as const;
const containerFileSystems: ReadonlySet<number> = new Set(Object.values(fileSystems));
/** What can be written there is the machine's, whoever mounts it. */
const ofTheKernel: ReadonlySet<number> = new Set([fileSystems.sysfs, fileSystems.cgroup, fileSystems.cgroup2]);
const MS_RDONLY = 1;
/** The kernel's settings, which are the machine's own but for a few: every kernel has them. */
const settings = "/proc/sys";

function mountReasons(images: CheckpointImages, { HostConfig: config }: Confinement): string[] {
  if (config.Privileged === true) return [];
  const namespaces = new Set(images.pstree.flatMap(({ pid }) => images.ids(pid)?.mnt_ns_id ?? []));
  const writable = config.ReadonlyPaths?.length === 0;
  return [...namespaces].flatMap((namespace) => {
    const mounts = images.mounts(namespace);
    const root = mounts.find(({ mountpoint }) => mountpoint === "/");
    const foreign = mounts.filter((mount) => !isOwnMount(mount, root));
    const open = writable ? [] : mounts.filter((mount) => isWritableKernel(mount, mounts));
    return [
      ...foreign.map(({ mountpoint }) => `a mount of the machine's at ${shown(mountpoint)}`),
      ...open.map(({ mountpoint }) => `the kernel's settings can be written at ${shown(mountpoint)}`),
    ];
  });
}

/** What a resumed container has of them (bundle-edit.ts): the next process id of its own pid namespace. */
const nextPid = "/sys/kernel/ns_last_pid";

function isWritableKernel({ fstype, flags, mountpoint, root, mnt_id: id }: MntEntry, all: readonly MntEntry[]): boolean {
  if ((flags & MS_RDONLY) !== 0) return false;
  if (fstype === fileSystems.proc && root === nextPid && mountpoint === `/proc${nextPid}`) return false;
  if (ofTheKernel.has(fstype)) return true;
  if (fstype !== fileSystems.proc) return false;
  const covered = all.some(
    (mount) => mount.mountpoint === settings && mount.parent_mnt_id === id && (mount.flags & MS_RDONLY) !== 0,
  );
  return mountpoint !== "/proc" || !covered;
}

/** A key of CRIU's own making means "the path that it had on its machine". */
const autodetected = "CRIU:";

/** What is external is given by the runtime, from the container's configuration; the root by it too. */
function isOwnMount(mount: MntEntry, base: MntEntry | undefined): boolean {
  const { mountpoint, root, fstype, ext_key: key = "", ext_mount: external, with_plugin: plugin } = mount;
  const leads = (path: string) => !path.startsWith("/") || path.split("/").includes("..");
  if (leads(mountpoint) || leads(root) || plugin === true || key.startsWith(autodetected)) return false;
  if (mount === base || key !== "" || external === true) return true;
  return containerFileSystems.has(fstype) || isPartOf(mount, base);
}

/** A part of the container's own files, mounted once more: CRIU binds it, where it would mount another file system anew (criu/mount.c). */
function isPartOf(mount: MntEntry, base: MntEntry | undefined): boolean {
  if (base === undefined) return false;
  const isSame = (["fstype", "fsname", "root_dev", "source", "options"] as const).every((field) => mount[field] === base[field]);
  return isSame && mount.root !== base.root && mount.root.startsWith(base.root === "/" ? "/" : `${base.root}/`);
}

/** As `beyond`, of what a resume program gives them too, which lives in the namespaces and mounts of its container. */
export function capabilitiesBeyond(images: CheckpointImages, { HostConfig: config }: Confinement): string[] {
  if (config.Privileged === true) return [];
  const namesIn = (list: readonly string[] | null | undefined) =>
    (list ?? []).map((name) => name.replace(/^CAP_/, "").toUpperCase());
  const added = namesIn(config.CapAdd);
  const allowed = new Set<string>(added.includes("ALL") ? capabilityNames : [...defaultCapabilities, ...added]);
  const threads = images.pstree.flatMap(({ pid, threads: ids }) => (images.ids(pid) === undefined ? [] : ids));
  const has = threads.reduce((all, id) => {
    const credentials = images.core(id).thread_core?.creds;
    if (credentials === undefined) return all;
    const { inheritable, permitted, effective, bounding, ambient } = capabilitiesOf(credentials);
    return all | inheritable | permitted | effective | bounding | ambient;
  }, 0n);
  const known = namesOf(has).map((name) => name.replace(/^CAP_/, ""));
  const unknown = has >> BigInt(capabilityNames.length) === 0n ? [] : ["one that this program doesn't know"];
  return [...known.filter((name) => !allowed.has(name)), ...unknown].map((name) => `a process has the capability ${name}`);
}
