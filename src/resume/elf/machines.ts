import type { ArchitectureName } from "../architectures/architecture.ts";

/** `e_machine` of an ELF header (elf(5)): what the instructions are for. */
export const elfMachines: Readonly<Record<ArchitectureName, number>> = { x86_64: 62, aarch64: 183 };
