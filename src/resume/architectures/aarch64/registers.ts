import type { Emission } from "../../emission.ts";
import { Aarch64Assembler } from "../../machine-code/aarch64/assembler.ts";
import { aarch64Syscalls } from "../../machine-code/aarch64/syscalls.ts";
import type { ResumedThread } from "../../process.ts";
import { emitSeccomp } from "../../tasks/seccomp.ts";
import { alternateStackOf } from "../../tasks/signals.ts";
import { signalFrame } from "./signal-frame.ts";
import { stateOfAarch64 } from "./state.ts";

/**
 * A thread can't load all its registers and jump as well, since a jump takes one. So it returns from a signal handler that never was: the
 * kernel takes everything, and the signal mask, from the frame. The kernel has rewound interrupted calls before CRIU saw them
 * (arch/arm64/kernel/signal.c, do_signal).
 */
export function emitRegisters(emission: Emission, thread: ResumedThread): () => void {
  const { program } = emission;
  const { core, entry } = thread;
  const { gpregs, fpsimd } = stateOfAarch64(thread);
  // CRIU keeps the main thread's mask in the process's entry (criu/parasite-syscall.c, parasite_infect_seized).
  const mask = core.blk_sigset ?? entry.tc?.blk_sigset ?? 0n;
  const frame = program.bytes(signalFrame({ gpregs, fpsimd, mask, alternateStack: alternateStackOf(core) }), 16);
  return () => {
    emitSeccomp(emission, thread);
    const code = Aarch64Assembler.of(program.code);
    code.loadAddress("temporary", frame);
    code.setStack("temporary");
    code.move("number", BigInt(aarch64Syscalls.rt_sigreturn));
    code.syscall();
  };
}
