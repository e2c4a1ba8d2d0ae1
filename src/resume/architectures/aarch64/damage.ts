import type { ResumedThread } from "../../process.ts";
import { stateOfAarch64 } from "./state.ts";

const userSpaceEnd = 1n << 48n;
/** How many 64-bit words CRIU's images have of them (CRIU v4.2, images/core-aarch64.proto): x0 to x30, and v0 to v31 in halves. */
const words = { general: 31, vector: 64 } as const;

/** Pointers beyond what programs have, and lists of registers of another length than there are registers. */
export function damageOf(thread: ResumedThread): string | undefined {
  const { tid } = thread;
  const { gpregs, fpsimd, tls } = stateOfAarch64(thread);
  const pointers = [
    ["instruction pointer", gpregs.pc],
    ["stack pointer", gpregs.sp],
    ["thread pointer", tls],
  ] as const;
  const [name, value] = pointers.find(([, address]) => address >= userSpaceEnd) ?? [];
  if (value !== undefined) return `the ${name} of thread ${tid} is 0x${value.toString(16)}, where no program can be`;
  if (gpregs.regs.length !== words.general) return `${gpregs.regs.length} registers of thread ${tid} instead of ${words.general}`;
  if (fpsimd.vregs.length !== words.vector)
    return `${fpsimd.vregs.length} words of vector registers of thread ${tid} instead of ${words.vector}`;
  return undefined;
}
