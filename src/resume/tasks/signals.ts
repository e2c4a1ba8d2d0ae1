import type { ItimerEntry, SignalQueueEntry, ThreadCoreEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import type { ResumedThread } from "../process.ts";

const SIGKILL = 9;
const SIGSTOP = 19;
const signalSetSize = 8;
const siginfoSize = 128;
const SS_DISABLE = 2;
const SS_AUTODISARM = 1n << 31n;

/** Handlers: the images hold signals 1 to 64 in order, without the two that have none. */
export function emitSignalHandlers({ program, process }: Emission): void {
  const signals = Array.from({ length: 64 }, (_, index) => index + 1).filter(
    (signal) => signal !== SIGKILL && signal !== SIGSTOP,
  );
  for (const [index, action] of process.task.sigactions.entries()) {
    const signal = signals[index]!;
    const content = program.words([action.sigaction, action.flags, action.restorer, action.mask]);
    program.call("rt_sigaction", [signal, content, 0, signalSetSize], { describe: `handler of signal ${signal}` });
  }
}

/** ITIMER_REAL, ITIMER_VIRTUAL and ITIMER_PROF: the images hold the time left. */
export function emitIntervalTimers({ program, process }: Emission): void {
  const timers: readonly (ItimerEntry | undefined)[] = [
    process.task.timers?.real,
    process.task.timers?.virt,
    process.task.timers?.prof,
  ];
  for (const [which, timer] of timers.entries()) {
    if (timer === undefined) continue;
    const { isec, iusec } = timer;
    // One that repeats and has no time left has expired while its signal could not be taken: it begins anew.
    const [vsec, vusec] = timer.vsec === 0n && timer.vusec === 0n ? [isec, iusec] : [timer.vsec, timer.vusec];
    if (vsec === 0n && vusec === 0n) continue;
    program.call("setitimer", [which, program.words([isec, iusec, vsec, vusec]), 0], {
      describe: `interval timer ${which}`,
    });
  }
}

/** What sigaltstack takes (stack_t). */
export interface AlternateStack {
  readonly address: bigint;
  readonly flags: bigint;
  readonly size: bigint;
}

/** @returns undefined when the thread has none */
export function alternateStackOf({ sas: stack }: ThreadCoreEntry): AlternateStack | undefined {
  if (stack === undefined || (stack.ss_flags & SS_DISABLE) !== 0) return undefined;
  const flags = BigInt(stack.ss_flags >>> 0) & SS_AUTODISARM; // SS_ONSTACK follows from the stack pointer
  return { address: stack.ss_sp, flags, size: stack.ss_size };
}

export function emitAlternateStack({ program }: Emission, { core }: ResumedThread): void {
  const stack = alternateStackOf(core);
  if (stack === undefined) return;
  program.call("sigaltstack", [program.words([stack.address, stack.flags, stack.size]), 0], {
    describe: "alternate signal stack",
  });
}

/** Pending signals of the whole process. Sent while everything is blocked; to oneself any si_code is allowed (kernel/signal.c). */
export function emitProcessSignals(emission: Emission): void {
  const { program, process } = emission;
  for (const { signal, content } of pending(process.task.signals_s)) {
    program.call("rt_sigqueueinfo", [process.pid, signal, program.bytes(content)], { describe: `pending signal ${signal}` });
  }
}

export function emitThreadSignals({ program, process }: Emission, { tid, core }: ResumedThread): void {
  for (const { signal, content } of pending(core.signals_p)) {
    program.call("rt_tgsigqueueinfo", [process.pid, tid, signal, program.bytes(content)], {
      describe: `pending signal ${signal} of thread ${tid}`,
    });
  }
}

function pending(queue: SignalQueueEntry | undefined): { readonly signal: number; readonly content: Uint8Array }[] {
  return (queue?.signals ?? []).map(({ siginfo }) => {
    const content = new Uint8Array(siginfoSize);
    content.set(siginfo.subarray(0, siginfoSize));
    return { signal: new DataView(content.buffer).getInt32(0, true), content };
  });
}
