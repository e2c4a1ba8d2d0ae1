import type { CheckpointImages, Pagemap } from "../criu/images/checkpoint-images.ts";
import { taskState, vmaStatus } from "../criu/images/flags.ts";
import type {
  CoreEntry,
  FdinfoEntry,
  FileEntry,
  FsEntry,
  MmEntry,
  PstreeEntry,
  ThreadCoreEntry,
  VmaEntry,
} from "../criu/images/schema/index.ts";
import { MigrationError } from "../errors.ts";
import type { Architecture, ThreadState } from "./architectures/architecture.ts";
import { architectureOf } from "./architectures/architectures.ts";
import { refuseInconsistent } from "./consistency.ts";

export interface ResumedThread {
  readonly tid: number;
  readonly state: ThreadState;
  readonly core: ThreadCoreEntry;
  readonly entry: CoreEntry;
}

/** One dumped process, its parts found and checked to be there. */
export interface ResumedProcess {
  readonly pid: number;
  readonly architecture: Architecture;
  /** The main thread comes first. */
  readonly threads: readonly [ResumedThread, ...ResumedThread[]];
  readonly task: NonNullable<CoreEntry["tc"]>;
  readonly memory: MmEntry;
  readonly fileSystem: FsEntry;
  readonly descriptors: readonly FdinfoEntry[];
  readonly pagemap: Pagemap;
}

/**
 * A living process of a checkpoint.
 * @throws MigrationError `cannot-carry` when it isn't an ordinary running process of an architecture that is known; `image-corrupt`
 */
export function readProcess(images: CheckpointImages, entry: PstreeEntry): ResumedProcess {
  const { pid } = entry;
  const architecture = knownArchitecture(images, pid);
  const [main, ...rest] = entry.threads
    .toSorted((a, b) => Number(a !== pid) - Number(b !== pid) || a - b)
    .map((tid) => readThread(images, tid, architecture));
  const task = main?.entry.tc;
  const memory = images.mm(pid);
  const ids = images.ids(pid);
  const fileSystem = images.fs(pid);
  const pagemap = images.pagemap(pid);
  if (main === undefined || task === undefined || memory === undefined || ids === undefined || fileSystem === undefined) {
    throw new MigrationError("image-corrupt", `the images of process ${pid} are incomplete`);
  }
  if (pagemap === undefined)
    throw new MigrationError("image-corrupt", `pagemap-${pid}.img, the memory of process ${pid}, is missing`);
  if (task.task_state !== taskState.ALIVE) {
    throw new MigrationError("cannot-carry", `process ${pid} is stopped or dead (state ${task.task_state})`, {
      remedy: "Continue it (kill -CONT) first.",
    });
  }
  const descriptors = images.fdinfo(ids.files_id);
  const threads = [main, ...rest] as const;
  const process: ResumedProcess = { pid, architecture, threads, task, memory, fileSystem, descriptors, pagemap };
  refuseInconsistent(process);
  return process;
}

function knownArchitecture(images: CheckpointImages, pid: number): Architecture {
  const architecture = architectureOf(images.core(pid));
  if (architecture !== undefined) return architecture;
  throw new MigrationError("cannot-carry", `process ${pid} is neither of x86_64 nor of ARM64`, {
    remedy: "Only programs of these two can be resumed.",
  });
}

function readThread(images: CheckpointImages, tid: number, { stateOf, name }: Architecture): ResumedThread {
  const entry = images.core(tid);
  const { thread_core: core } = entry;
  const state = stateOf(entry);
  if (state === undefined || core === undefined) {
    throw new MigrationError("image-corrupt", `core-${tid}.img holds no registers of ${name}, which its process has`);
  }
  // Without them the thread would keep the rights with which the program was rebuilt.
  if (core.creds === undefined)
    throw new MigrationError("image-corrupt", `core-${tid}.img holds no credentials of thread ${tid}`);
  return { tid, state, core, entry };
}

/** The VMAs of a process that must be rebuilt: all but the kernel's own. */
export function userVmas(process: ResumedProcess): readonly VmaEntry[] {
  return process.memory.vmas.filter(({ status }) => (status & (vmaStatus.VSYSCALL | vmaStatus.GUARD)) === 0);
}

/** Guards within VMAs (MADV_GUARD_INSTALL), which CRIU lists behind them as if they were VMAs (criu/mem.c, collect_madv_guards). */
export function guardRegions(process: ResumedProcess): readonly VmaEntry[] {
  return process.memory.vmas.filter(({ status }) => (status & vmaStatus.GUARD) !== 0);
}

/**
 * The path of a file inside the container.
 * @throws MigrationError `image-corrupt` when the file isn't in the images or isn't a path
 */
export function filePath(images: CheckpointImages, id: number | bigint): string {
  const file: FileEntry | undefined = images.files.get(Number(id));
  if (file?.reg === undefined) throw new MigrationError("image-corrupt", `file ${id} is not a regular file of the checkpoint`);
  return absolutePath(file.reg.name);
}

/** CRIU leaves the slash away before names of files that it found deleted. */
export function absolutePath(name: string): string {
  return name.startsWith("/") ? name : `/${name}`;
}
