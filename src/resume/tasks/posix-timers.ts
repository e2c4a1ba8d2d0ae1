import type { PosixTimerEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";

/** A process has at most as many ids; the kernel gives them in order (kernel/time/posix-timers.c, posix_timer_add). */
const mostIds = 1_000_000;

/** Why timers can't be made again, for people; empty when they can. */
export function timerReasons(timers: readonly PosixTimerEntry[]): string[] {
  return timers.flatMap(({ it_id: id }) => (id < mostIds ? [] : [`a POSIX timer with the id ${id}, which is too high`]));
}

/**
 * POSIX timers with their ids: in a new process ids begin at 0, and those that are not wanted are deleted at once. The images hold
 * the time left. After the threads are made, which may be the ones that are signalled.
 */
export function emitPosixTimers({ program, process }: Emission): void {
  const { code } = program;
  const id = program.scratch(8);
  const timers = process.task.timers?.posix ?? [];
  for (const timer of timers.toSorted((a, b) => a.it_id - b.it_id)) {
    const describe = `POSIX timer ${timer.it_id}`;
    const again = new Label("another timer");
    const made = new Label("timer made");
    code.define(again);
    program.call("timer_create", [timer.clock_id, program.bytes(signalEvent(timer)), id], { describe });
    code.load32("result", id);
    code.compare("result", timer.it_id);
    code.jumpIf("equal", made);
    code.moveRegister("argument0", "result");
    program.call("timer_delete", ["argument0"], { describe });
    code.load32("result", id);
    code.compare("result", timer.it_id);
    code.jumpIf("below", again);
    program.fail(`${describe}: its id is taken`);
    code.define(made);
    const { isec, insec } = timer;
    // One that repeats and has no time left has expired while its signal could not be taken: it begins anew.
    const left = timer.vsec === 0n && timer.vnsec === 0n ? [isec, insec] : [timer.vsec, timer.vnsec];
    const setting = program.words([isec, insec, ...left]);
    program.call("timer_settime", [timer.it_id, 0, setting, 0], { describe });
  }
}

/** struct sigevent (include/uapi/asm-generic/siginfo.h): value, signal, kind of notification, thread. */
function signalEvent({ sival_ptr, si_signo, it_sigev_notify, notify_thread_id }: PosixTimerEntry): Uint8Array {
  const event = new Uint8Array(64);
  const view = new DataView(event.buffer);
  view.setBigUint64(0, sival_ptr, true);
  view.setInt32(8, si_signo, true);
  view.setInt32(12, it_sigev_notify, true);
  view.setInt32(16, notify_thread_id ?? 0, true);
  return event;
}
