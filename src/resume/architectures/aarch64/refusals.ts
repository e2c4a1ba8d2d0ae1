import type { ResumedProcess, ResumedThread } from "../../process.ts";
import { stateOfAarch64 } from "./state.ts";

/** A type of the auxiliary vector (include/uapi/linux/auxvec.h). */
const AT_PAGESZ = 6n;
/** arch/arm64/include/uapi/asm/mman.h */
const PROT_MTE = 0x20;
const pageSize = 4096n;

/** Why the registers can't be carried, for people; empty when they can. */
export function refuse(thread: ResumedThread, process: ResumedProcess): string[] {
  const { tid } = thread;
  const { pac_keys: keys } = stateOfAarch64(thread);
  const { memory } = process;
  const reasons: string[] = [];
  const size = auxiliary(memory.mm_saved_auxv, AT_PAGESZ) ?? pageSize;
  if (size !== pageSize) reasons.push(`process ${process.pid} has pages of ${size} bytes`);
  if (keys?.pac_address_keys !== undefined || keys?.pac_generic_keys !== undefined)
    reasons.push(`thread ${tid} has keys for signing pointers (PAC), which only a debugger could give it again`);
  if (memory.vmas.some(({ prot }) => (prot & PROT_MTE) !== 0))
    reasons.push(`process ${process.pid} has memory with tags (MTE), which are not in the images`);
  return reasons;
}

function auxiliary(vector: readonly bigint[], type: bigint): bigint | undefined {
  for (let index = 0; index + 1 < vector.length; index += 2) if (vector[index] === type) return vector[index + 1];
  return undefined;
}
