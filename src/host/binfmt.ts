/** A handler that the kernel's binfmt_misc has for x86_64 programs. */
export interface BinfmtEntry {
  readonly name: string;
  /** Path of the emulator on that machine. */
  readonly interpreter: string;
  /** Whether both the entry and binfmt_misc as a whole are switched on. */
  readonly enabled: boolean;
  /** The flag letters; F means that containers can use the emulator too. */
  readonly flags: string;
  /** What `<interpreter> --version` says: `7.2.22`. Undefined when it says nothing of that form. */
  readonly version: string | undefined;
}

// e_ident (64-bit, little-endian, version 1, System V), e_type and e_machine = EM_X86_64 (elf.h).
const header = (type: number) => Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, type, 0, 0x3e, 0]);
const executable = header(2);
const sharedObject = header(3);

/** Whether the kernel would give ordinary x86_64 programs to the entry with this magic and mask (fs/binfmt_misc.c, search_binfmt_handler). */
function matches(program: Buffer, offset: number, magic: Buffer, mask: Buffer | undefined): boolean {
  return magic.every((byte, index) => {
    const at = offset + index;
    return at >= program.length || (((program[at] ?? 0) ^ byte) & (mask?.[index] ?? 0xff)) === 0;
  });
}

/**
 * Reads one file of /proc/sys/fs/binfmt_misc.
 * @param versionText what the interpreter printed for `--version`
 * @returns undefined when the entry is not for x86_64 ELF programs
 */
export function parseBinfmtEntry(name: string, text: string, versionText: string): BinfmtEntry | undefined {
  const value = (key: string) => new RegExp(`^${key}:? +(.*)$`, "m").exec(text)?.[1]?.trim();
  const magicText = value("magic");
  const interpreter = value("interpreter");
  if (magicText === undefined || interpreter === undefined) return;
  const magic = Buffer.from(magicText, "hex");
  const maskText = value("mask");
  const mask = maskText === undefined ? undefined : Buffer.from(maskText, "hex");
  const offset = Number(value("offset") ?? 0);
  if (!matches(executable, offset, magic, mask) || !matches(sharedObject, offset, magic, mask)) return;
  return {
    name,
    interpreter,
    enabled: /^enabled$/m.test(text),
    flags: value("flags") ?? "",
    version: /\bversion v?(\d+(?:\.\d+)+)/i.exec(versionText)?.[1],
  };
}
