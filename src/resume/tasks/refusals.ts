import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { TaskCoreEntry, ThreadCoreEntry } from "../../criu/images/schema/index.ts";
import { capabilitiesOf, capabilityBit } from "../capabilities.ts";
import { unlinkedReasons } from "../files/unlinked-files.ts";
import type { ResumedProcess, ResumedThread } from "../process.ts";
import type { ResumeTarget } from "../target.ts";
import { timerReasons } from "./posix-timers.ts";
import { seccompReasons } from "./seccomp.ts";

const unlimited = (1n << 64n) - 1n;
/** Soft limits by number: RLIMIT_DATA, RLIMIT_STACK, RLIMIT_AS. */
const usualMemoryLimits: Readonly<Record<number, bigint>> = { 2: unlimited, 3: 8n << 20n, 9: unlimited };
const realTimePolicies = { FIFO: 1, RR: 2, DEADLINE: 6 } as const;

/** Why a thread can't be carried, for people; empty when it can. */
export function threadReasons(
  images: CheckpointImages,
  thread: ResumedThread,
  process: ResumedProcess,
  target: ResumeTarget,
  engineFilters: number,
): string[] {
  const { tid, core } = thread;
  const { lacks } = target;
  const reasons: string[] = [];
  reasons.push(...process.architecture.refuse(thread, process));
  if (isRealTime(core) && !mayBeRealTime(core))
    reasons.push(`thread ${tid} has a real-time scheduling policy (${core.sched_policy}), which takes CAP_SYS_NICE`);
  reasons.push(...seccompReasons(images, thread, process.threads[0], target, engineFilters));
  if ((core.rseq_entry?.rseq_cs_pointer ?? 0n) !== 0n) reasons.push(`thread ${tid} is inside a restartable sequence`);
  if (lacks.has("robust-futexes") && holdsRobustFutex(images, process, core))
    reasons.push(`thread ${tid} holds a robust mutex, which the emulator would not release at its death`);
  return reasons;
}

function isRealTime({ sched_policy: policy }: ThreadCoreEntry): boolean {
  return policy !== undefined && (Object.values(realTimePolicies) as number[]).includes(policy);
}

/** The program is started with all that the container may have. */
function mayBeRealTime({ sched_policy: policy, creds }: ThreadCoreEntry): boolean {
  const bounding = creds === undefined ? 0n : capabilitiesOf(creds).bounding;
  return policy !== realTimePolicies.DEADLINE && (bounding & capabilityBit("SYS_NICE")) !== 0n;
}

/** Whether a program has limited its memory: what it begins with is no limit but that of the stack, of 8 MiB. */
function limitsMemory({ rlimits }: TaskCoreEntry): boolean {
  return Object.entries(usualMemoryLimits).some(([resource, usual]) => {
    const limit = rlimits?.rlimits[Number(resource)];
    return limit !== undefined && limit.cur < usual;
  });
}

/**
 * Whether a thread's list of robust futexes has one (struct robust_list_head, include/uapi/linux/futex.h): an empty list is a
 * head that points to itself.
 */
function holdsRobustFutex(images: CheckpointImages, { pagemap }: ResumedProcess, { futex_rla: head }: ThreadCoreEntry): boolean {
  const bytes = head === 0n ? undefined : images.readPages(pagemap, head, 24);
  if (bytes === undefined) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 24);
  const [first, pending] = [view.getBigUint64(0, true), view.getBigUint64(16, true)];
  return (first !== 0n && first !== head) || pending !== 0n;
}

/** Why a process can't be carried, for people, but for its threads, memory and files. */
export function taskReasons(
  images: CheckpointImages,
  { pid, task, fileSystem, memory }: ResumedProcess,
  { lacks }: ResumeTarget,
): string[] {
  const reasons: string[] = [];
  const timers = task.timers?.posix ?? [];
  reasons.push(...timerReasons(timers));
  if (timers.length > 0 && lacks.has("timer-ids"))
    reasons.push(`${timers.length} POSIX timer(s) (timer_create), whose ids the emulator would change`);
  if (lacks.has("memory-limits") && limitsMemory(task))
    reasons.push("a limit of its address space, data or stack (setrlimit), which the emulator would ignore");
  // Orphans go to the first process of a container anyway.
  if (lacks.has("subreapers") && task.child_subreaper === true && pid !== images.pstree[0]?.pid)
    reasons.push(`process ${pid} is a subreaper, which the emulator does not allow`);
  if (memory.aios.length > 0) reasons.push("asynchronous I/O (io_setup)");
  const executable = images.files.get(memory.exe_file_id);
  if (executable !== undefined && executable.reg === undefined) reasons.push("an executable that is no file (memfd)");
  for (const id of [memory.exe_file_id, fileSystem.cwd_id]) reasons.push(...unlinkedReasons(images, id));
  return reasons;
}
