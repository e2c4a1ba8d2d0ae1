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
  ThreadInfoX86,
  VmaEntry,
} from "../criu/images/schema/index.ts";
import { MigrationError } from "../errors.ts";
import { refuseInconsistent } from "./consistency.ts";

export interface ResumedThread {
  readonly tid: number;
  readonly info: ThreadInfoX86;
  readonly core: ThreadCoreEntry;
  readonly entry: CoreEntry;
}

/** One dumped process, its parts found and checked to be there. */
export interface ResumedProcess {
  readonly pid: number;
  /** The main thread comes first. */
  readonly threads: readonly [ResumedThread, ...ResumedThread[]];
  readonly task: NonNullable<CoreEntry["tc"]>;
  readonly memory: MmEntry;
  readonly fileSystem: FsEntry;
  readonly descriptors: readonly FdinfoEntry[];
  readonly pagemap: Pagemap;
}

/** VMAs end here on x86_64; what lies above (vsyscall) belongs to the kernel. */
export const userSpaceEnd = 1n << 47n;

/**
 * A living process of a checkpoint.
 * @throws MigrationError `cannot-carry` when it isn't an ordinary running 64-bit x86 process; `image-corrupt`
 */
export function readProcess(images: CheckpointImages, entry: PstreeEntry): ResumedProcess {
  const { pid } = entry;
  const [main, ...rest] = entry.threads
    .toSorted((a, b) => Number(a !== pid) - Number(b !== pid) || a - b)
    .map((tid) => readThread(images, tid));
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
  const process: ResumedProcess = { pid, threads: [main, ...rest], task, memory, fileSystem, descriptors, pagemap };
  refuseInconsistent(process);
  return process;
}

function readThread(images: CheckpointImages, tid: number): ResumedThread {
  const entry = images.core(tid);
  const { thread_info: info, thread_core: core } = entry;
  if (info === undefined || core === undefined) {
    throw new MigrationError("cannot-carry", `thread ${tid} is not an x86_64 thread`, {
      remedy: "Only x86_64 programs can be resumed.",
    });
  }
  // Without them the thread would keep the rights with which the program was rebuilt.
  if (core.creds === undefined)
    throw new MigrationError("image-corrupt", `core-${tid}.img holds no credentials of thread ${tid}`);
  return { tid, info, core, entry };
}

/** The VMAs of a process that must be rebuilt: all but the kernel's own. */
export function userVmas(process: ResumedProcess): readonly VmaEntry[] {
  return process.memory.vmas.filter(({ start, status }) => start < userSpaceEnd && (status & vmaStatus.GUARD) === 0);
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
