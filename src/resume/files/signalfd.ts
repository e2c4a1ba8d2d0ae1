import type { SignalfdEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, oneByOne, refuseNothing } from "./kind.ts";

const O_NONBLOCK = 0o4000;

export const signalfdKind = defineFileKind("sgfd", { refuse: refuseNothing, open: oneByOne(emitSignalfd) });

function emitSignalfd({ program, temporaries }: Emission, file: SignalfdEntry): number {
  program.call("signalfd4", [-1n, program.words([file.sigmask]), 8, file.flags & O_NONBLOCK], { describe: "signalfd" });
  return temporaries.adopt("signalfd");
}
