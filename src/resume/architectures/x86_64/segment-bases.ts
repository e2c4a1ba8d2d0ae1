import type { Emission } from "../../emission.ts";
import { X86Assembler } from "../../machine-code/x86_64/assembler.ts";
import { x86Syscalls } from "../../machine-code/x86_64/syscalls.ts";
import type { ResumedThread } from "../../process.ts";
import { stateOfX86 } from "./state.ts";

const ARCH_SET_GS = 0x1001;
const ARCH_SET_FS = 0x1002;

export function emitFsBase(emission: Emission, value: bigint): void {
  emitBase(emission, ARCH_SET_FS, value, "FS base");
}

export function emitGsBase(emission: Emission, thread: ResumedThread): void {
  const { gs_base: value } = stateOfX86(thread).gpregs;
  if (value !== 0n) emitBase(emission, ARCH_SET_GS, value, `GS base of thread ${thread.tid}`);
}

/** arch_prctl, which only this architecture has. */
function emitBase({ program }: Emission, which: number, value: bigint, describe: string): void {
  const code = X86Assembler.of(program.code);
  code.move("rdi", BigInt(which));
  code.move("rsi", value);
  code.move("rax", BigInt(x86Syscalls.arch_prctl));
  code.syscall();
  program.failUnlessOk(describe);
}
