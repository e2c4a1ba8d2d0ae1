import type { UserAarch64FpsimdContextEntry, UserAarch64RegsEntry } from "../../../criu/images/schema/index.ts";
import type { AlternateStack } from "../../tasks/signals.ts";

export interface SignalFrameContent {
  readonly gpregs: UserAarch64RegsEntry;
  readonly fpsimd: UserAarch64FpsimdContextEntry;
  /** Signals that are blocked. */
  readonly mask: bigint;
  /** rt_sigreturn sets it too. Undefined: none. */
  readonly alternateStack: AlternateStack | undefined;
}

/**
 * Offsets in struct rt_sigframe (arch/arm64/kernel/signal.c): 128 bytes of siginfo, then struct ucontext, in which struct sigcontext
 * (arch/arm64/include/uapi/asm/sigcontext.h) is aligned to 16 bytes, as are the records in its reserved part.
 */
const offsets = {
  alternateStack: 144,
  mask: 168,
  registers: 312,
  stack: 560,
  instruction: 568,
  state: 576,
  records: 592,
} as const;
const size = 592 + 4096;
const fpsimdRecord = { magic: 0x4650_8001, size: 528, status: 8, control: 12, vectors: 16 } as const;
const SS_DISABLE = 2n;
/**
 * PSTATE as a program can have it: N, Z, C, V, TCO, DIT, SSBS and BTYPE (Arm Architecture Reference Manual, C5.2.19). The others
 * are the kernel's; it refuses a frame with a wrong one (arch/arm64/kernel/ptrace.c, valid_native_regs).
 */
const programState = 0xf300_1c00n;

/** What rt_sigreturn reads at the stack pointer. */
export function signalFrame({ gpregs, fpsimd, mask, alternateStack }: SignalFrameContent): Uint8Array {
  const content = new Uint8Array(size);
  const view = new DataView(content.buffer);
  const { address, flags, size: bytes } = alternateStack ?? { address: 0n, flags: SS_DISABLE, size: 0n };
  for (const [index, value] of [address, flags, bytes].entries())
    view.setBigUint64(offsets.alternateStack + 8 * index, value, true);
  view.setBigUint64(offsets.mask, mask, true);
  for (const [index, value] of gpregs.regs.entries()) view.setBigUint64(offsets.registers + 8 * index, value, true);
  view.setBigUint64(offsets.stack, gpregs.sp, true);
  view.setBigUint64(offsets.instruction, gpregs.pc, true);
  view.setBigUint64(offsets.state, gpregs.pstate & programState, true);
  const record = offsets.records;
  view.setUint32(record, fpsimdRecord.magic, true);
  view.setUint32(record + 4, fpsimdRecord.size, true);
  view.setUint32(record + fpsimdRecord.status, fpsimd.fpsr, true);
  view.setUint32(record + fpsimdRecord.control, fpsimd.fpcr, true);
  for (const [index, value] of fpsimd.vregs.entries()) view.setBigUint64(record + fpsimdRecord.vectors + 8 * index, value, true);
  // A record of zeros ends them.
  return content;
}
