import { findSymbol } from "../elf/reader.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import type { Module, ProcessMemory } from "./modules.ts";

/**
 * glibc keeps what it found of the CPU in `struct cpu_features` (sysdeps/x86/include/cpu-features.h): five words
 * {kind, max_cpuid, family, model, stepping}, then for each CPUID leaf eight words, the CPU's and the active ones.
 */
const headSize = 20n;
const leafSize = 32n;
const activeOffset = 16n;

interface FeatureWord {
  /** Index of the leaf in glibc's table: 1 is CPUID 7.0, 3 is CPUID 0xD.1. */
  readonly leaf: bigint;
  readonly register: 0 | 1 | 2 | 3;
  readonly mask: number;
}

const bits = (...numbers: readonly number[]): number => numbers.reduce((mask, bit) => (mask | (1 << bit)) >>> 0, 0);

/** Features that qemu's TCG does not have (seen with 7.2 and 10.0): AVX-512 in all parts, RTM, HLE, AMX, XSAVEC, XSAVES. */
const masked: readonly FeatureWord[] = [
  { leaf: 1n, register: 1, mask: bits(4, 11, 16, 17, 21, 26, 27, 28, 30, 31) },
  { leaf: 1n, register: 2, mask: bits(1, 6, 11, 12, 14) },
  { leaf: 1n, register: 3, mask: bits(2, 3, 8, 22, 23, 24, 25) },
  { leaf: 3n, register: 0, mask: bits(1, 3) },
];

/** The patches that make glibc forget the masked features, for the dynamic linker's copy and for a static program's. */
export function forgetFeatures(memory: ProcessMemory): MemoryPatch[] {
  return findCpuFeatures(memory).flatMap((address) =>
    masked.flatMap(({ leaf, register, mask }) => {
      const word = address + headSize + leafSize * leaf + activeOffset + BigInt(4 * register);
      const value = memory.read32(word);
      if (value === undefined || (value & mask) === 0) return [];
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, (value & ~mask) >>> 0, true);
      return [{ address: word, bytes }];
    }),
  );
}

/** CPUID words as glibc read them: the CPU's own, not the active ones. */
export interface CpuidWords {
  readonly leaf1Ecx: number;
  readonly leaf7Ebx: number;
  readonly leaf7Ecx: number;
}

/** @param structure address of a `struct cpu_features` */
export function cpuidWords(memory: ProcessMemory, structure: bigint): CpuidWords | undefined {
  const word = (leaf: bigint, register: bigint): number | undefined =>
    memory.read32(structure + headSize + leafSize * leaf + 4n * register);
  const [leaf1Ecx, leaf7Ebx, leaf7Ecx] = [word(0n, 2n), word(1n, 1n), word(1n, 2n)];
  return leaf1Ecx === undefined || leaf7Ebx === undefined || leaf7Ecx === undefined
    ? undefined
    : { leaf1Ecx, leaf7Ebx, leaf7Ecx };
}

/** Addresses of the `struct cpu_features` in the process. */
export function findCpuFeatures(memory: ProcessMemory): bigint[] {
  return memory.modules.flatMap((module) => inDynamicLinker(module) ?? inStaticProgram(memory, module) ?? []);
}

/** `_dl_x86_get_cpu_features` of ld.so (glibc ≥ 2.33) begins with a lea of the structure. */
function inDynamicLinker({ elf, base }: Module): bigint | undefined {
  const symbol = findSymbol(elf, "_dl_x86_get_cpu_features");
  const code = symbol && elf.read(symbol.value, 16);
  if (symbol === undefined || code === undefined) return undefined;
  for (let at = 0; at + 7 <= code.length; at++) {
    if (code[at] !== 0x48 || code[at + 1] !== 0x8d || code[at + 2] !== 0x05) continue;
    const displacement = new DataView(code.buffer, code.byteOffset + at + 3, 4).getInt32(0, true);
    return base + symbol.value + BigInt(at + 7 + displacement);
  }
  return undefined;
}

/**
 * A static program has no symbol for it. The structure gives itself away: its family, model and stepping must
 * agree with the CPUID leaf 1 word that follows them.
 */
function inStaticProgram(memory: ProcessMemory, { elf, start, end }: Module): bigint | undefined {
  if (elf.hasInterpreter || elf.symbols.length > 1) return undefined;
  for (const run of memory.process.pagemap?.runs ?? []) {
    const runEnd = run.address + BigInt(run.pages * 4096);
    const from = run.address > start ? run.address : start;
    const to = runEnd < end + 4096n ? runEnd : end + 4096n;
    if (from >= to) continue;
    const bytes = memory.read(from, Number(to - from));
    if (bytes === undefined) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 64 <= bytes.length; at += 4) if (looksLikeCpuFeatures(view, at)) return from + BigInt(at);
  }
  return undefined;
}

function looksLikeCpuFeatures(view: DataView, at: number): boolean {
  const [kind, maximum, family, model, stepping, eax] = Array.from({ length: 6 }, (_, index) =>
    view.getUint32(at + 4 * index, true),
  ) as [number, number, number, number, number, number];
  if (kind < 1 || kind > 5 || maximum < 7 || maximum > 0x40 || eax === 0) return false;
  const baseFamily = (eax >> 8) & 15;
  const baseModel = (eax >> 4) & 15;
  const extendedModel = baseFamily === 6 || baseFamily === 15 ? (eax >> 12) & 0xf0 : 0;
  const extendedFamily = baseFamily === 15 ? (eax >> 20) & 255 : 0;
  return family === baseFamily + extendedFamily && model === baseModel + extendedModel && stepping === (eax & 15);
}
