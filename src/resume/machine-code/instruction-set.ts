import type { Assembler } from "./assembler.ts";
import type { x86Syscalls } from "./x86_64/syscalls.ts";

/** System calls that every kind of CPU has. */
export type SyscallName = keyof typeof x86Syscalls;

export type CloneArgument = "flags" | "stack" | "parentTid" | "childTid" | "threadPointer";

/** A kind of CPU, as far as it makes a difference to machine code. */
export interface InstructionSet {
  /** e_machine of ELF files. */
  readonly elfMachine: number;
  readonly syscalls: Readonly<Record<SyscallName, number>>;
  /** The order of clone's arguments (kernel/fork.c, CONFIG_CLONE_BACKWARDS). */
  readonly cloneArguments: readonly CloneArgument[];
  readonly makeAssembler: () => Assembler;
}
