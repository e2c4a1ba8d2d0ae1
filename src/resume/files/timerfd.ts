import type { TimerfdEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { defineFileKind, oneByOne, refuseNothing } from "./kind.ts";

const O_NONBLOCK = 0o4000;
/** _IOW('T', 0, u64) of include/uapi/linux/timerfd.h. */
const TFD_IOC_SET_TICKS = 0x4008_5400;

export const timerfdKind = defineFileKind("tfd", { refuse: refuseNothing, open: oneByOne(emitTimerfd) });

function emitTimerfd({ program, temporaries }: Emission, file: TimerfdEntry): number {
  const { clockid, flags, ticks, isec, insec, vsec, vnsec } = file;
  program.call("timerfd_create", [clockid, flags & O_NONBLOCK], { describe: "timerfd" });
  const descriptor = temporaries.adopt("timerfd");
  const set = (nanoseconds: bigint): void =>
    program.call("timerfd_settime", [descriptor, 0, program.words([isec, insec, vsec, nanoseconds]), 0], {
      describe: "timerfd setting",
    });
  const isOver = ticks > 0n && vsec === 0n && vnsec === 0n;
  const isRepeated = isec > 0n || insec > 0n;
  // A repeated one that is over goes on when it is read (fs/timerfd.c, timerfd_read): it must expire here, too.
  set(isOver && isRepeated ? 1n : vnsec);
  if (ticks === 0n) return descriptor;
  // Kernels without CONFIG_CHECKPOINT_RESTORE and emulators can't: then one that is over expires once more, at once.
  const told = new Label("expirations");
  program.call("ioctl", [descriptor, TFD_IOC_SET_TICKS, program.words([ticks])], { expect: "ignore" });
  program.code.compare("result", 0);
  program.code.jumpIf("equal", told);
  if (isOver && !isRepeated) set(1n);
  program.code.define(told);
  return descriptor;
}
