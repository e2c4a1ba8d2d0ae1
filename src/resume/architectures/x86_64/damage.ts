import type { ResumedThread } from "../../process.ts";
import { stateOfX86 } from "./state.ts";

const userSpaceEnd = 1n << 47n;

/** Registers of x87, SSE, AVX and AVX-512, in the words of CRIU's images (CRIU v4.2, images/core-x86.proto). */
const registerWords = { st_space: 32, xmm_space: 64, ymmh_space: 64, opmask_reg: 8, zmm_upper: 64, hi16_zmm: 128 } as const;

/** Pointers beyond what programs have, and more registers than there are: they would be written beyond their place. */
export function damageOf(thread: ResumedThread): string | undefined {
  const { tid } = thread;
  const { gpregs, fpregs } = stateOfX86(thread);
  const bases = [
    ["instruction pointer", gpregs.ip],
    ["FS base", gpregs.fs_base],
    ["GS base", gpregs.gs_base],
  ] as const;
  const [name, value] = bases.find(([, address]) => address >= userSpaceEnd) ?? [];
  if (value !== undefined) return `the ${name} of thread ${tid} is 0x${value.toString(16)}, where no program can be`;
  const { st_space, xmm_space, xsave } = fpregs;
  const lists = { st_space, xmm_space, ...xsave } as Readonly<Record<string, unknown>>;
  for (const [list, most] of Object.entries(registerWords)) {
    const length = (lists[list] as readonly unknown[] | undefined)?.length ?? 0;
    if (length > most) return `${length} words of ${list} in thread ${tid}, which has ${most}`;
  }
  return undefined;
}
