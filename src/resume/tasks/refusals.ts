import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { unlinkedReasons } from "../files/unlinked-files.ts";
import type { ResumedProcess, ResumedThread } from "../process.ts";

const pkruComponent = 1n << 9n;
/** What Linux starts programs with: key 0 only (arch/x86/mm/pkeys.c, init_pkru_value). */
const initialRights = 0x5555_5554;

/** Why a thread can't be carried, for people; empty when it can. */
export function threadReasons(images: CheckpointImages, { tid, info, core }: ResumedThread, process: ResumedProcess): string[] {
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

/** Why a process can't be carried, for people, but for its threads, memory and files. */
export function taskReasons(images: CheckpointImages, { task, fileSystem, memory }: ResumedProcess): string[] {
  const reasons: string[] = [];
  if (task.personality !== 0) reasons.push(`personality 0x${task.personality.toString(16)}`);
  const timers = task.timers?.posix ?? [];
  if (timers.length > 0) reasons.push(`${timers.length} POSIX timer(s) (timer_create)`);
  const root = images.files.get(fileSystem.root_id)?.reg?.name;
  if (root !== "/") reasons.push(`a changed root directory (${root})`);
  if (memory.aios.length > 0) reasons.push("asynchronous I/O (io_setup)");
  const executable = images.files.get(memory.exe_file_id);
  if (executable !== undefined && executable.reg === undefined) reasons.push("an executable that is no file (memfd)");
  for (const id of [memory.exe_file_id, fileSystem.cwd_id]) reasons.push(...unlinkedReasons(images, id));
  return reasons;
}
