/** The name of the tool's own entry, beside which the distribution's may be. */
export const entryName = "migrate-container-x86_64";

// ELF, 64 bits, little-endian, version 1, any system (the System V ABI's number or GNU's), ET_EXEC or ET_DYN, EM_X86_64; as QEMU's
// scripts/qemu-binfmt-conf.sh has it.
const magic = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00`;
const mask = String.raw`\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`;

/**
 * The line that gives x86_64 programs to an emulator (Documentation/admin-guide/binfmt-misc.rst). Flags: the program's own argv[0] (P),
 * its file opened for the emulator (O), its credentials (C), and the emulator opened now, so that containers need not have it (F).
 */
export function binfmtLine(emulator: string): string {
  return `:${entryName}:M::${magic}:${mask}:${emulator}:POCF`;
}
