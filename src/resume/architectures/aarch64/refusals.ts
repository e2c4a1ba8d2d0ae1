import type { ResumedProcess, ResumedThread } from "../../process.ts";
import { auxiliary } from "./auxiliary-vector.ts";
import { stateOfAarch64 } from "./state.ts";

/** A type of the auxiliary vector (include/uapi/linux/auxvec.h). */
const AT_PAGESZ = 6n;
/** arch/arm64/include/uapi/asm/mman.h */
const PROT_MTE = 0x20;
const pageSize = 4096n;
/** PSR_MODE32_BIT (arch/arm64/include/uapi/asm/ptrace.h). */
const executes32Bit = 0x10n;

/** Why the registers can't be carried, for people; empty when they can. */
export function refuse(thread: ResumedThread, process: ResumedProcess): string[] {
  const { tid } = thread;
  const { pac_keys: keys, gpregs } = stateOfAarch64(thread);
  const { memory } = process;
  const reasons: string[] = [];
  if ((gpregs.pstate & executes32Bit) !== 0n) reasons.push(`thread ${tid} runs 32-bit code`);
  const size = auxiliary(memory.mm_saved_auxv, AT_PAGESZ) ?? pageSize;
  if (size !== pageSize) reasons.push(`process ${process.pid} has pages of ${size} bytes`);
  if (keys?.pac_address_keys !== undefined || keys?.pac_generic_keys !== undefined)
    reasons.push(`thread ${tid} has keys for signing pointers (PAC), which only a debugger could give it again`);
  if (memory.vmas.some(({ prot }) => (prot & PROT_MTE) !== 0))
    reasons.push(`process ${process.pid} has memory with tags (MTE), which are not in the images`);
  return reasons;
}
