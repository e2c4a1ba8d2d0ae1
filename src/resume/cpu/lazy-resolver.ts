import type { ElfFile } from "../elf/reader.ts";
import type { MemoryPatch } from "../emit/patches.ts";
import type { ProcessMemory } from "./modules.ts";

/** push rbx; mov rbx, rsp; and rsp, -64: how glibc's `_dl_runtime_resolve_*` begin (sysdeps/x86_64/dl-trampoline.h). */
const prologue = [0x53, 0x48, 0x89, 0xe3, 0x48, 0x83, 0xe4, 0xc0];
/** xsave [rsp+0x40] and xsavec [rsp+0x40]: how two of them differ. */
const xsave = [0x0f, 0xae, 0x64, 0x24, 0x40];
const xsavec = [0x0f, 0xc7, 0x64, 0x24, 0x40];

/**
 * ld.so binds a function at its first call through a trampoline chosen by the CPU: the one with XSAVEC is made to
 * jump to the one with XSAVE. Changing only the instruction would be wrong: the XSAVEC variant leaves XCOMP_BV
 * uncleared, and XRSTOR then faults.
 */
export function redirectLazyResolver({ modules }: ProcessMemory): MemoryPatch[] {
  return modules
    .filter(({ elf }) => elf.symbols.some(({ name, section }) => name === "_dl_x86_get_cpu_features" && section !== 0))
    .flatMap(({ elf, base }) => executableParts(elf).flatMap(({ address, bytes }) => redirect(bytes, base + address)));
}

function redirect(code: Uint8Array, address: bigint): MemoryPatch[] {
  const entries = occurrences(code, prologue);
  const entryBefore = (at: number): number | undefined => entries.findLast((entry) => entry < at);
  const targets = occurrences(code, xsave).map(entryBefore);
  return occurrences(code, xsavec).flatMap((at, index) => {
    const [from, to] = [entryBefore(at), targets[index]];
    if (from === undefined || to === undefined) return [];
    const bytes = new Uint8Array(5);
    bytes[0] = 0xe9; // jmp rel32
    new DataView(bytes.buffer).setInt32(1, to - (from + 5), true);
    return [{ address: address + BigInt(from), bytes }];
  });
}

function executableParts(elf: ElfFile): { readonly address: bigint; readonly bytes: Uint8Array }[] {
  return elf.segments
    .filter(({ type, flags }) => type === 1 && (flags & 1) !== 0)
    .map(({ address, offset, fileSize }) => ({ address, bytes: elf.bytes.subarray(Number(offset), Number(offset + fileSize)) }));
}

function occurrences(haystack: Uint8Array, needle: readonly number[]): number[] {
  const found: number[] = [];
  const [first] = needle as [number];
  for (let at = haystack.indexOf(first); at !== -1; at = haystack.indexOf(first, at + 1)) {
    if (needle.every((byte, index) => haystack[at + index] === byte)) found.push(at);
  }
  return found;
}
