import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { PidfdEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { defineFileKind, refuseNothing } from "./kind.ts";
import { emitOpenLate } from "./late.ts";

/** What pidfd_open takes (include/uapi/linux/pidfd.h): PIDFD_NONBLOCK, PIDFD_THREAD. */
const openingFlags = 0o4000 | 0o200;
const SIGCHLD = 17;
const P_PID = 1;
const WEXITED = 4;

/** A process descriptor has no state but which process it means, so each process that shares one opens it for itself. */
export const pidfdKind = defineFileKind("pidfd", {
  refuse: refuseNothing,
  open: (emission, files) =>
    new Map(files.filter((file) => hasEnded(emission.images, file)).map((file) => [file.id, emitOfEnded(emission, file)])),
  finish: (emission, descriptor, file) => {
    if (hasEnded(emission.images, file)) return;
    const describe = `process descriptor of ${file.nspid}`;
    emitOpenLate(emission, { id: file.id }, descriptor, describe, () => {
      emission.program.call("pidfd_open", [file.nspid, file.flags & openingFlags], { describe });
    });
  },
});

/** The kernel gives no number of a process that has ended and been waited for. */
function hasEnded({ pstree }: CheckpointImages, { nspid }: PidfdEntry): boolean {
  return !pstree.some(({ pid, threads }) => pid === nspid || threads.includes(nspid));
}

/** Of a process that is made, and ends, for this: whichever it was, nothing more can be learned of it. */
function emitOfEnded({ program, temporaries }: Emission, { flags }: PidfdEntry): number {
  const { code } = program;
  const describe = "process descriptor of a process that has ended";
  const [child, parent] = [new Label("a process that ends"), new Label("after a process that ends")];
  program.call("clone", [SIGCHLD, 0, 0, 0, 0], { describe });
  code.compare("result", 0);
  code.jumpIf("equal", child);
  code.moveRegister("counter", "result");
  code.jump(parent);
  code.define(child);
  program.call("exit_group", [0], { expect: "ignore" });
  code.define(parent);
  program.call("pidfd_open", ["counter", flags & openingFlags], { describe });
  const descriptor = temporaries.adopt(describe);
  program.call("waitid", [P_PID, "counter", program.scratch(128), WEXITED, 0], { describe });
  program.call("rt_sigtimedwait", [program.words([1n << BigInt(SIGCHLD - 1)]), 0, program.words([0n, 0n]), 8], {
    expect: "ignore",
  });
  return descriptor;
}
