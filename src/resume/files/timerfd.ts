import type { TimerfdEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, oneByOne, refuseNothing } from "./kind.ts";

const O_NONBLOCK = 0o4000;

export const timerfdKind = defineFileKind("tfd", { refuse: refuseNothing, open: oneByOne(emitTimerfd) });

/** A timer that has expired unread is armed to expire at once: the read returns 1, not the number of expirations. */
function emitTimerfd({ program, temporaries }: Emission, file: TimerfdEntry): number {
  program.call("timerfd_create", [file.clockid, file.flags & O_NONBLOCK], { describe: "timerfd" });
  const descriptor = temporaries.adopt("timerfd");
  const expired = file.ticks > 0n && file.vsec === 0n && file.vnsec === 0n;
  const setting = program.words([file.isec, file.insec, file.vsec, expired ? 1n : file.vnsec]);
  program.call("timerfd_settime", [descriptor, 0, setting, 0], { describe: "timerfd setting" });
  return descriptor;
}
