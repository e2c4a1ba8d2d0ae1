import type { EventfdFileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { defineFileKind, oneByOne, refuseNothing } from "./kind.ts";

const O_NONBLOCK = 0o4000;
const EFD_SEMAPHORE = 1;

export const eventfdKind = defineFileKind("efd", { refuse: refuseNothing, open: oneByOne(emitEventfd) });

function emitEventfd({ program, temporaries, semaphores }: Emission, { id, flags, counter }: EventfdFileEntry): number {
  // The initial value of eventfd2 has 32 bits, the counter 64: it is written. EFD_SEMAPHORE is not in CRIU's images (criu/eventfd.c).
  const kind = semaphores.has(id) ? EFD_SEMAPHORE : 0;
  program.call("eventfd2", [0, (flags & O_NONBLOCK) | kind], { describe: "eventfd" });
  const descriptor = temporaries.adopt("eventfd");
  if (counter > 0n) program.call("write", [descriptor, program.words([counter]), 8], { expect: 8, describe: "eventfd counter" });
  return descriptor;
}
