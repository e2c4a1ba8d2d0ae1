import { elfMachines } from "../../elf/machines.ts";
import type { InstructionSet } from "../instruction-set.ts";
import { Aarch64Assembler } from "./assembler.ts";
import { aarch64Syscalls } from "./syscalls.ts";

export const aarch64InstructionSet: InstructionSet = {
  elfMachine: elfMachines.aarch64,
  syscalls: aarch64Syscalls,
  cloneArguments: ["flags", "stack", "parentTid", "threadPointer", "childTid"],
  executableAfterWriting: true,
  makeAssembler: () => new Aarch64Assembler(),
};
