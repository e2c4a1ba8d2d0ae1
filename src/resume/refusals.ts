import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../criu/images/flags.ts";
import type { FileEntry, FownEntry, VmaEntry } from "../criu/images/schema/index.ts";
import { MigrationError } from "../errors.ts";
import { containerReasons } from "./container-refusals.ts";
import { formatEndpoint, isBoundEverywhere, isConnectedTcp, isEndedTcp, isKnownInetSocket } from "./emit/inet-socket.ts";
import { mapping } from "./emit/memory.ts";
import { pipeName } from "./emit/pipes.ts";
import { roleOf } from "./emit/unix-socket.ts";
import { type ResumedProcess, type ResumedThread, userVmas } from "./process.ts";
import { processesOf, type TreeRoot, treeReasons } from "./tree.ts";

const S_IFMT = 0o170000;
const fileKind = { REGULAR: 0o100000, DIRECTORY: 0o040000, CHARACTER: 0o020000 } as const;
const pkruComponent = 1n << 9n;
/** What Linux starts programs with: key 0 only (arch/x86/mm/pkeys.c, init_pkru_value). */
const initialRights = 0x5555_5554;
/** Character devices without a state of their own, found in every container. */
const statelessDevices: ReadonlySet<string> = new Set(["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]);

/**
 * Looks through the images for everything that this compiler can't rebuild as it was. Nothing is lost silently.
 * @throws MigrationError `cannot-carry` that names all of it
 */
export function refuseWhatCannotBeCarried(images: CheckpointImages, tree: TreeRoot, engineStdio: readonly string[]): void {
  const reasons = [
    ...treeReasons(images, tree),
    ...containerReasons(images, processesOf(tree)),
    ...processesOf(tree).flatMap((process) => processReasons(images, process, engineStdio)),
  ];
  if (reasons.length === 0) return;
  throw new MigrationError("cannot-carry", `resume can't carry: ${[...new Set(reasons)].join("; ")}`, {
    remedy: "See docs/support.md for what resume carries. Close or stop what is named, and try again.",
    details: { reasons },
  });
}

function processReasons(images: CheckpointImages, process: ResumedProcess, engineStdio: readonly string[]): string[] {
  return [
    ...process.threads.flatMap((thread) => threadReasons(images, thread, process)),
    ...taskReasons(images, process),
    ...userVmas(process).flatMap((vma) => vmaReasons(images, vma)),
    ...process.descriptors.flatMap(({ fd, id }) => descriptorReasons(images, images.files.get(id), fd, engineStdio, process)),
  ];
}

function threadReasons(images: CheckpointImages, { tid, info, core }: ResumedThread, process: ResumedProcess): string[] {
  const reasons: string[] = [];
  const is64Bit = info.gpregs.cs === 0x33n;
  if (!is64Bit) reasons.push(`thread ${tid} runs 32-bit code`);
  if ((core.sched_policy ?? 0) !== 0)
    reasons.push(`thread ${tid} has the scheduling policy ${core.sched_policy} (only SCHED_OTHER is carried)`);
  if ((core.creds?.secbits ?? 0) !== 0) reasons.push(`thread ${tid} has securebits 0x${core.creds?.secbits.toString(16)}`);
  if (core.seccomp_mode !== undefined && core.seccomp_mode === 1) reasons.push(`thread ${tid} is in strict seccomp mode`);
  if (seccompFilters(images, core.seccomp_filter) > 1) reasons.push(`thread ${tid} has seccomp filters of its own`);
  if ((core.rseq_entry?.rseq_cs_pointer ?? 0n) !== 0n) reasons.push(`thread ${tid} is inside a restartable sequence`);
  if (usesProtectionKeys(info)) reasons.push(`thread ${tid} uses memory protection keys (pkey_alloc)`);
  const own = core.creds?.uid !== process.threads[0].core.creds?.uid;
  if (own) reasons.push(`thread ${tid} has a user id of its own`);
  return reasons;
}

/** Which memory has which key is not in CRIU's images; a thread that has rights of its own shows that keys are in use. */
function usesProtectionKeys({ fpregs }: ResumedThread["info"]): boolean {
  const [rights] = fpregs.xsave?.pkru ?? [];
  const present = ((fpregs.xsave?.xstate_bv ?? 0n) & pkruComponent) !== 0n;
  return present && rights !== undefined && rights !== initialRights;
}

/** How many filters a thread is under. One is the container's: the target's engine gives it to the new container as well. */
function seccompFilters(images: CheckpointImages, last: number | undefined): number {
  const filters = images.seccomp?.seccomp_filters ?? [];
  let count = 0;
  for (let index = last; index !== undefined && count <= filters.length; index = filters[index]?.prev) count++;
  return count;
}

function taskReasons(images: CheckpointImages, { task, fileSystem, memory }: ResumedProcess): string[] {
  const reasons: string[] = [];
  if (task.personality !== 0) reasons.push(`personality 0x${task.personality.toString(16)}`);
  const timers = task.timers?.posix ?? [];
  if (timers.length > 0) reasons.push(`${timers.length} POSIX timer(s) (timer_create)`);
  const root = images.files.get(fileSystem.root_id)?.reg?.name;
  if (root !== "/") reasons.push(`a changed root directory (${root})`);
  if (memory.aios.length > 0) reasons.push("asynchronous I/O (io_setup)");
  if (images.remaps.has(memory.exe_file_id)) reasons.push("a deleted executable");
  if (images.remaps.has(fileSystem.cwd_id)) reasons.push("a deleted working directory");
  return reasons;
}

function vmaReasons(images: CheckpointImages, vma: VmaEntry): string[] {
  const where = `0x${vma.start.toString(16)}`;
  const unsupported = [
    [vmaStatus.SYSVIPC, "System V shared memory"],
    [vmaStatus.SOCKET, "a mapped packet socket"],
    [vmaStatus.AIORING, "an asynchronous I/O ring"],
    [vmaStatus.SHSTK, "a shadow stack"],
    [vmaStatus.UPROBES, "uprobes"],
    [vmaStatus.EXT_PLUGIN, "mapped device memory"],
  ] as const;
  const reasons = unsupported.filter(([bit]) => (vma.status & bit) !== 0).map(([, what]) => `${what} at ${where}`);
  if ((vma.flags & mapping.HUGETLB) !== 0) reasons.push(`huge pages at ${where}`);
  if ((vma.flags & mapping.LOCKED) !== 0) reasons.push(`memory locked with mlock at ${where}`);
  if ((vma.status & vmaStatus.MEMFD) !== 0) {
    // Also what is mapped with MAP_SHARED|MAP_ANONYMOUS, see sharedSegments.
    const inode = images.memfds.get(images.files.get(Number(vma.shmid))?.memfd?.inode_id ?? -1);
    if (inode === undefined) reasons.push(`a mapping at ${where} of a memfd that the images do not hold`);
    else if ((inode.hugetlb_flag ?? 0) !== 0) reasons.push(`huge pages at ${where}`);
  } else if ((vma.status & (vmaStatus.FILE_PRIVATE | vmaStatus.FILE_SHARED)) !== 0) {
    const file = images.files.get(Number(vma.shmid));
    if (file?.reg === undefined) reasons.push(`a mapping at ${where} of something that is not a regular file`);
    else if (images.remaps.has(file.id)) reasons.push(`a mapping of the deleted file ${file.reg.name}`);
  }
  return reasons;
}

function descriptorReasons(
  images: CheckpointImages,
  file: FileEntry | undefined,
  fd: number,
  engineStdio: readonly string[],
  process: ResumedProcess,
): string[] {
  const name = `descriptor ${fd}`;
  if (file === undefined) return [`${name}: a file that the images do not hold`];
  const owner = ownerOf(file);
  const reasons = owner !== undefined && owner.pid !== 0 ? [`${name}: signal-driven I/O (F_SETOWN)`] : [];
  if (file.reg !== undefined) {
    const { mode, name: path } = file.reg;
    const kind = mode === undefined ? undefined : mode & S_IFMT;
    if (images.remaps.has(file.id)) reasons.push(`${name}: the deleted file ${path}`);
    else if (kind === fileKind.CHARACTER && !statelessDevices.has(path)) reasons.push(`${name}: the device ${path}`);
    else if (kind !== undefined && kind !== fileKind.REGULAR && kind !== fileKind.DIRECTORY && kind !== fileKind.CHARACTER)
      reasons.push(`${name}: ${path}`);
    if (file.reg.ext === true) reasons.push(`${name}: the file ${path} from outside the container`);
  } else if (file.pipe !== undefined) {
    reasons.push(...pipeReasons(images, file.pipe.pipe_id, name, engineStdio));
  } else if (file.isk !== undefined) {
    const { isk } = file;
    if (!isKnownInetSocket(isk)) reasons.push(`${name}: a raw or unusual network socket`);
    else if (!isConnectedTcp(isk) && !isEndedTcp(isk) && isk.src_port !== 0 && !isBoundEverywhere(isk)) {
      reasons.push(
        `${name}: a socket bound to ${formatEndpoint(isk, "src")}, an address that the container on the target will not have`,
      );
    }
    if (isk.opts.so_bound_dev !== undefined && isk.opts.so_bound_dev !== "")
      reasons.push(`${name}: a socket bound to the device ${isk.opts.so_bound_dev}`);
    if ((isk.opts.so_mark ?? 0) !== 0) reasons.push(`${name}: a socket with a mark (SO_MARK)`);
    if (isk.opts.so_filter.length > 0) reasons.push(`${name}: a socket with a packet filter`);
  } else if (file.usk !== undefined) {
    const role = roleOf(images, file.usk);
    if (role.kind === "refused") reasons.push(`${name}: a unix socket ${role.why}`);
  } else if (file.epfd !== undefined) {
    const open = new Set(process.descriptors.map((descriptor) => descriptor.fd));
    for (const { tfd } of file.epfd.tfd)
      if (!open.has(tfd)) reasons.push(`${name}: an epoll that watches descriptor ${tfd}, which is closed`);
  } else if (file.efd === undefined && file.sgfd === undefined && file.tfd === undefined) {
    reasons.push(`${name}: ${describeKind(file)}`);
  }
  return reasons;
}

/** A pipe whose other end lies outside the process and is not the engine's. */
function pipeReasons(images: CheckpointImages, pipeId: number, name: string, engineStdio: readonly string[]): string[] {
  if (engineStdio.includes(pipeName(pipeId))) return [];
  const ends = [...images.files.values()].flatMap(({ pipe }) => (pipe?.pipe_id === pipeId ? [pipe.flags & 3] : []));
  const waiting = images.pipesData.get(pipeId)?.bytes.length ?? 0;
  const complete = ends.includes(0) && ends.some((mode) => mode !== 0);
  // A pipe with one end only is a pipe whose other end is closed: rebuilt as such, unless bytes would be lost with it.
  return complete || waiting === 0 ? [] : [`${name}: a pipe with ${waiting} bytes and one end`];
}

function ownerOf(file: FileEntry): FownEntry | undefined {
  return (file.reg ?? file.isk ?? file.pipe ?? file.efd ?? file.epfd ?? file.sgfd ?? file.tfd)?.fown;
}

function describeKind(file: FileEntry): string {
  const kinds = [
    ["tty", "a terminal"],
    ["fifo", "a named pipe"],
    ["ify", "an inotify descriptor"],
    ["ffy", "a fanotify descriptor"],
    ["memfd", "a memfd"],
    ["pidfd", "a pidfd"],
    ["nlsk", "a netlink socket"],
    ["psk", "a packet socket"],
    ["tunf", "a tun device"],
    ["nsf", "a namespace file"],
    ["bpf", "a BPF map"],
    ["ext", "a file of a CRIU plugin"],
  ] as const;
  return kinds.find(([key]) => file[key] !== undefined)?.[1] ?? `a file of type ${file.type}`;
}
