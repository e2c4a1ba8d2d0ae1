import { MigrationError } from "../../errors.ts";
import type { ResumedThread } from "../process.ts";
import { isInsideAvx512, isRedispatched, leadsToAvx512 } from "./avx512-code.ts";
import type { ProcessMemory } from "./modules.ts";
import { findSignalFrames } from "./signal-frames.ts";

const notInSyscall = (1n << 64n) - 1n;
/** How far code is looked at that belongs to no known function: machine code made at run time. */
const reach = 256;

/**
 * A thread that was stopped within an AVX-512 routine can't go on where there is no AVX-512, whatever the IFUNC slots say.
 * @throws MigrationError `cannot-carry`; transient where the thread's next call of the routine will be of another one
 */
export function refuseInsideAvx512(memory: ProcessMemory, threads: readonly ResumedThread[]): void {
  const stopped = threads.filter(({ entry }) => entry.thread_info?.gpregs.orig_ax === notInSyscall);
  const places = [
    ...stopped.map(({ tid, state }) => ({ tid, address: state.instruction, how: "was stopped inside" })),
    ...findSignalFrames(memory).map(({ tid, instruction }) => ({
      tid,
      address: instruction,
      how: "is in a signal handler that interrupted",
    })),
  ];
  for (const { tid, address, how } of places) {
    const module = memory.moduleAt(address);
    if (!(module === undefined ? leadsToAvx512(memory.read(address, reach)) : isInsideAvx512(module.elf, address - module.base)))
      continue;
    const transient = module !== undefined && isRedispatched(module.elf);
    throw new MigrationError(
      "cannot-carry",
      `thread ${tid} ${how} an AVX-512 routine of ${module?.path ?? "its own machine code"}, which the target's CPU can't run`,
      transient
        ? { remedy: "Try again: such routines take microseconds.", details: { transient } }
        : {
            remedy: "The program chose AVX-512 by itself. Start it so that it does without, or choose a target that has AVX-512.",
          },
    );
  }
}
