import type { ElfFile } from "../elf/reader.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import { isDynamicLinker } from "./glibc-features.ts";
import type { ProcessMemory } from "./modules.ts";

/**
 * mov rbx, rsp; and rsp, -64; sub rsp, [rip+…]: how glibc's trampolines make room for the extended state, when they have
 * saved rbx (sysdeps/x86_64/dl-trampoline.h, and since 2.39 dl-tlsdesc-dynamic.h).
 */
const reserve = [0x48, 0x89, 0xe3, 0x48, 0x83, 0xe4, 0xc0, 0x48, 0x2b, 0x25];
/** mov eax, imm32: the components to be saved. */
const movEax = 0xb8;
/** xsave [rsp+0x40] and xsavec [rsp+0x40]: how two of them differ. */
const xsave = [0x0f, 0xae, 0x64, 0x24, 0x40];
const xsavec = [0x0f, 0xc7, 0x64, 0x24, 0x40];
/** How far the instruction lies behind the beginning at most: about 110 bytes in glibc 2.36 and 2.43, and as far again to the next one. */
const reach = 160;

/** XSAVE's standard format (Intel SDM volume 1, 13.4 and 13.5): AVX-512 ends at 1664 + 1024, AMX's tiles at 2816 + 8192. */
const stateSize = { avx512: 2688, tiles: 11008 } as const;
const tileComponents = (1 << 17) | (1 << 18);
const generalRegisters = 64;

/**
 * ld.so binds a function at its first call through a trampoline chosen by the CPU, and so it is with TLS descriptors: the
 * ones with XSAVEC are made to jump to those with XSAVE. Changing only the instruction would be wrong: the XSAVEC variant
 * leaves XCOMP_BV uncleared, and XRSTOR then faults. The room on the stack that glibc reckoned is for XSAVEC's compact
 * format, which is smaller: it is enlarged, or XSAVE overwrites what lies above on a CPU that has AVX-512 (seen as a crash).
 */
export function redirectLazyResolver(memory: ProcessMemory): MemoryPatch[] {
  return memory.modules
    .filter(({ elf }) => isDynamicLinker(elf))
    .flatMap(({ elf, base }) => executableParts(elf).flatMap(({ address, bytes }) => redirect(memory, bytes, base + address)));
}

interface Trampoline {
  /** Where it makes room, and its instruction, in the code. */
  readonly at: number;
  readonly save: number;
}

function redirect(memory: ProcessMemory, code: Uint8Array, address: bigint): MemoryPatch[] {
  const targets = trampolines(code, xsave);
  return trampolines(code, xsavec).flatMap(({ at }, index) => {
    const target = targets[index];
    if (target === undefined) return [];
    const bytes = new Uint8Array(5);
    bytes[0] = 0xe9; // jmp rel32
    new DataView(bytes.buffer).setInt32(1, target.at - (at + 5), true);
    return [{ address: address + BigInt(at), bytes }, ...enlargeRoom(memory, code, target, address)];
  });
}

/** Both kinds stand in the same order. */
function trampolines(code: Uint8Array, instruction: readonly number[]): Trampoline[] {
  const beginnings = occurrences(code, reserve);
  return occurrences(code, instruction).flatMap((save) => {
    const at = beginnings.findLast((beginning) => beginning < save);
    return at === undefined || save - at > reach ? [] : [{ at, save }];
  });
}

function enlargeRoom(memory: ProcessMemory, code: Uint8Array, { at, save }: Trampoline, address: bigint): MemoryPatch[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const end = at + reserve.length + 4;
  const place = address + BigInt(end + view.getInt32(end - 4, true));
  const mask = view.getUint32(code.subarray(end, save).indexOf(movEax) + end + 1, true);
  const room = BigInt(generalRegisters + ((mask & tileComponents) === 0 ? stateSize.avx512 : stateSize.tiles));
  if ((memory.read64(place) ?? 0n) >= room) return [];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, room, true);
  return [{ address: place, bytes }];
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
