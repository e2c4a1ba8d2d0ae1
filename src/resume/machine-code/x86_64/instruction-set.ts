import { elfMachines } from "../../elf/machines.ts";
import type { InstructionSet } from "../instruction-set.ts";
import { X86Assembler } from "./assembler.ts";
import { x86Syscalls } from "./syscalls.ts";

export const x86InstructionSet: InstructionSet = {
  elfMachine: elfMachines.x86_64,
  syscalls: x86Syscalls,
  cloneArguments: ["flags", "stack", "parentTid", "childTid", "threadPointer"],
  executableAfterWriting: false,
  makeAssembler: () => new X86Assembler(),
};
