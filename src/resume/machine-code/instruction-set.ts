import type { aarch64Syscalls } from "./aarch64/syscalls.ts";
import type { Assembler } from "./assembler.ts";
import type { x86Syscalls } from "./x86_64/syscalls.ts";

/** System calls that every kind of CPU has. */
export type SyscallName = Extract<keyof typeof x86Syscalls, keyof typeof aarch64Syscalls>;

export type CloneArgument = "flags" | "stack" | "parentTid" | "childTid" | "threadPointer";

/** A kind of CPU, as far as it makes a difference to machine code. */
export interface InstructionSet {
  /** e_machine of ELF files. */
  readonly elfMachine: number;
  readonly syscalls: Readonly<Record<SyscallName, number>>;
  /** The order of clone's arguments (kernel/fork.c, CONFIG_CLONE_BACKWARDS). */
  readonly cloneArguments: readonly CloneArgument[];
  /**
   * Whether memory must become executable only after it was written, so that what was written is what is executed: caches of
   * instructions don't see writes.
   */
  readonly executableAfterWriting: boolean;
  readonly makeAssembler: () => Assembler;
}
