import { type FunctionRange, functionAt } from "../elf/functions.ts";
import { type ElfFile, relocationType, segmentType, symbolType } from "../elf/reader.ts";
import { instructionAt } from "./instructions.ts";

const evexPrefix = 0x62;
const executable = 1;
const returnInstruction = 0xc3;

/** How far code is looked at that belongs to no known function. */
const reach = 256;

/** Whether an instruction of a file belongs to a function that has AVX-512 instructions. */
export function isInsideAvx512(elf: ElfFile, address: bigint): boolean {
  const range = functionAt(elf, address);
  if (range === undefined) return leadsToAvx512(elf.read(address, reach));
  const code = elf.read(range.start, Number(range.end - range.start));
  return code !== undefined && holdsAvx512(code);
}

/** @param code what a thread will execute, from its next instruction on */
export function leadsToAvx512(code: Uint8Array | undefined): boolean {
  return code !== undefined && holdsAvx512(code, returnInstruction);
}

/**
 * @param code a function from its beginning
 * @param last an instruction of one byte after which no more is looked at
 */
export function holdsAvx512(code: Uint8Array, last?: number): boolean {
  if (!code.includes(evexPrefix)) return false;
  for (let at = 0; at < code.length && code[at] !== last; ) {
    const instruction = instructionAt(code, at);
    if (instruction === undefined) return false;
    if (instruction.evex) return true;
    at += instruction.length;
  }
  return false;
}

/** Whether a file's functions are chosen by IFUNC, as glibc's are: those are chosen anew on the target. */
export function isRedispatched(elf: ElfFile): boolean {
  return (
    elf.relocations.some(({ type }) => type === relocationType.IRELATIVE) ||
    elf.symbols.some(({ type, section }) => type === symbolType.IFUNC && section !== 0)
  );
}

/** The first function of a file that has AVX-512 instructions. */
export function firstAvx512Function(elf: ElfFile): FunctionRange | undefined {
  for (const { type, flags, address, offset, fileSize } of elf.segments) {
    if (type !== segmentType.LOAD || (flags & executable) === 0) continue;
    const code = elf.bytes.subarray(Number(offset), Number(offset + fileSize));
    let checked = 0;
    for (let at = code.indexOf(evexPrefix); at !== -1; at = code.indexOf(evexPrefix, at + 1)) {
      if (at < checked || (code[at + 1]! & 0x08) !== 0 || (code[at + 2]! & 0x04) === 0) continue;
      const range = functionAt(elf, address + BigInt(at));
      if (range === undefined) continue;
      const [start, end] = [Number(range.start - address), Number(range.end - address)];
      if (holdsAvx512(code.subarray(start, end))) return range;
      checked = end;
    }
  }
  return undefined;
}
