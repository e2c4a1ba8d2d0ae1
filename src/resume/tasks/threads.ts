import type { Emission } from "../emission.ts";
import { Label, type Place } from "../machine-code/assembler.ts";
import type { ResumedThread } from "../process.ts";
import { emitCredentials } from "./credentials.ts";
import type { EmitNextId } from "./ids.ts";
import { emitAlternateStack, emitThreadSignals } from "./signals.ts";

const PR_SET_PDEATHSIG = 1;
const PR_SET_NAME = 15;
const PRIO_PROCESS = 0;
const clone = {
  VM: 0x100,
  FS: 0x200,
  FILES: 0x400,
  SIGHAND: 0x800,
  THREAD: 0x1_0000,
  SYSVSEM: 0x4_0000,
  SETTLS: 0x8_0000,
  PARENT_SETTID: 0x10_0000,
  CHILD_CLEARTID: 0x20_0000,
} as const;
const threadFlags = Object.values(clone).reduce((flags, flag) => flags | flag, 0);

/** The words in which the threads meet. */
export interface Meeting {
  /** 1 once a thread may put its own state on. */
  readonly prepare: Place;
  /** How many threads have done that. */
  readonly prepared: Place;
  /** 1 once all may go on in the program. */
  readonly go: Place;
}

export function makeMeeting({ program }: Emission): Meeting {
  return { prepare: program.scratch(), prepared: program.scratch(), go: program.scratch() };
}

/** A thread that waits, and where its code must be defined. */
export interface WaitingThread {
  readonly thread: ResumedThread;
  readonly code: Label;
}

/** Makes the other threads with their ids, each waiting in its own piece of code, which is emitted later. */
export function emitThreadCreation({ program, process }: Emission, emitNextId: EmitNextId): WaitingThread[] {
  const [, ...others] = process.threads;
  const parentTid = program.scratch();
  return others.map((thread) => {
    const { tid, state } = thread;
    const code = new Label(`thread ${tid}`);
    emitNextId(tid);
    const flags = state.clearTid === 0n ? threadFlags & ~clone.CHILD_CLEARTID : threadFlags;
    program.clone(tid, code, {
      ...{ flags, stack: state.stack, parentTid, childTid: state.clearTid, threadPointer: state.threadPointer },
    });
    return { thread, code };
  });
}

/** What a thread sets for itself and what may fail: done by each before any goes on. */
export function emitThreadPreparation(emission: Emission, thread: ResumedThread): void {
  const { program, target, process, architecture } = emission;
  const { core, tid } = thread;
  program.call("prctl", [PR_SET_NAME, program.text(core.comm ?? process.task.comm), 0, 0, 0], {
    describe: `name of thread ${tid}`,
  });
  architecture.emitOwnState(emission, thread);
  // qemu-user answers ENOSYS to set_robust_list and rseq: a program under it lives without.
  if (core.futex_rla !== 0n) program.call("set_robust_list", [core.futex_rla, core.futex_rla_len], { expect: "ignore" });
  const rseq = core.rseq_entry;
  if (target.execution === "native" && rseq !== undefined && rseq.rseq_abi_pointer !== 0n) {
    program.call("rseq", [rseq.rseq_abi_pointer, rseq.rseq_abi_size, 0, rseq.signature], { describe: `rseq of thread ${tid}` });
  }
  emitAlternateStack(emission, thread);
  if ((core.sched_nice ?? 0) !== 0)
    program.call("setpriority", [PRIO_PROCESS, 0, core.sched_nice!], { describe: `nice value of thread ${tid}` });
  if ((core.sched_policy ?? 0) !== 0) {
    const parameter = program.bytes(new Uint8Array(Uint32Array.of(core.sched_prio ?? 0).buffer));
    program.call("sched_setscheduler", [0, core.sched_policy!, parameter], { describe: `scheduling policy of thread ${tid}` });
  }
  emitCredentials(emission, thread);
  if ((core.pdeath_sig ?? 0) !== 0)
    program.call("prctl", [PR_SET_PDEATHSIG, core.pdeath_sig!, 0, 0, 0], { describe: "parent death signal" });
  emitThreadSignals(emission, thread);
}

/** The code of a thread that is not the main one. @param goOn emits its last instructions */
export function emitThreadCode(emission: Emission, thread: ResumedThread, code: Label, meeting: Meeting, goOn: () => void): void {
  const { program } = emission;
  program.code.define(code);
  program.waitUntilSet(meeting.prepare);
  emitThreadPreparation(emission, thread);
  program.increment(meeting.prepared);
  program.waitUntilSet(meeting.go);
  goOn();
}

/** Lets the threads prepare themselves and waits for all `count`. */
export function emitMeet({ program }: Emission, { prepare, prepared }: Meeting, count: number): void {
  program.set(prepare);
  program.waitUntilCount(prepared, count);
}
