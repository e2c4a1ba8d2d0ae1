import type { ThreadInfoX86 } from "../../../criu/images/schema/index.ts";
import type { ResumedThread } from "../../process.ts";
import { stateOfX86 } from "./state.ts";

/** The code segment of 64-bit programs (arch/x86/include/asm/segment.h, __USER_CS); 32-bit ones have 0x23. */
const codeSegment64 = 0x33n;
const pkruComponent = 1n << 9n;
/** What Linux starts programs with: key 0 only (arch/x86/mm/pkeys.c, init_pkru_value). */
const initialRights = 0x5555_5554;

/** Why a thread's registers can't be carried, for people; empty when they can. */
export function refuse(thread: ResumedThread): string[] {
  const { tid } = thread;
  const info = stateOfX86(thread);
  const reasons: string[] = [];
  if (info.gpregs.cs !== codeSegment64) reasons.push(`thread ${tid} runs 32-bit code`);
  if (usesProtectionKeys(info)) reasons.push(`thread ${tid} uses memory protection keys (pkey_alloc)`);
  return reasons;
}

/** Which memory has which key is not in CRIU's images; a thread that has rights of its own shows that keys are in use. */
function usesProtectionKeys({ fpregs }: ThreadInfoX86): boolean {
  const [rights] = fpregs.xsave?.pkru ?? [];
  const present = ((fpregs.xsave?.xstate_bv ?? 0n) & pkruComponent) !== 0n;
  return present && rights !== undefined && rights !== initialRights;
}
