import { MigrationError } from "../../errors.ts";
import { type ElfFile, findSymbol } from "../elf/reader.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import type { Module, ProcessMemory } from "./modules.ts";

/** Where glibc keeps what it found of the CPU, in `struct cpu_features` (sysdeps/x86/include/cpu-features.h), in bytes from its beginning. */
interface Layout {
  /** {kind, max_cpuid, family, model, stepping}. */
  readonly basic: number;
  /** CPUID leaves as the CPU has them. */
  readonly leaf1: number;
  readonly leaf7: number;
  /** Words that glibc chooses by, and the bits that are cleared in them. */
  readonly words: readonly { readonly offset: number; readonly mask: number }[];
}

/** A `struct cpu_features` in the process. */
export interface CpuFeatures {
  readonly address: bigint;
  readonly layout: Layout;
}

const bits = (...numbers: readonly number[]): number => numbers.reduce((mask, bit) => (mask | (1 << bit)) >>> 0, 0);

/** Features that qemu's TCG does not have (seen with 7.2 and 10.0): AVX-512 in all parts, RTM, HLE, AMX; XSAVEC, XSAVES. */
const masks = {
  leaf7: { ebx: bits(4, 11, 16, 17, 21, 26, 27, 28, 30, 31), ecx: bits(1, 6, 11, 12, 14), edx: bits(2, 3, 8, 22, 23, 24, 25) },
  leafD: bits(1, 3),
};

/** Since 2.33: five words, then for each leaf eight, the CPU's and the active ones. Leaf 7 is the second, leaf 0xD.1 the fourth. */
const modern: Layout = {
  basic: 0,
  leaf1: 20,
  leaf7: 20 + 32,
  words: [
    { offset: 20 + 32 + 20, mask: masks.leaf7.ebx },
    { offset: 20 + 32 + 24, mask: masks.leaf7.ecx },
    { offset: 20 + 32 + 28, mask: masks.leaf7.edx },
    { offset: 20 + 3 * 32 + 16, mask: masks.leafD },
  ],
};

/** 2.31: six leaves, a word of bits of its own ("usable": 2 to 16 are AVX-512 in all parts, 22 is XSAVEC), another word, then the five words. */
const before233: Layout = {
  basic: 104,
  leaf1: 0,
  leaf7: 16,
  words: [
    { offset: 16 + 4, mask: masks.leaf7.ebx },
    { offset: 16 + 8, mask: masks.leaf7.ecx },
    { offset: 16 + 12, mask: masks.leaf7.edx },
    { offset: 48, mask: masks.leafD },
    { offset: 96, mask: bits(...Array.from({ length: 15 }, (_, index) => 2 + index), 22) },
  ],
};

/** The functions of ld.so that return the structure's address, and begin with a lea of it. The newest comes first. */
const getters = [
  { name: "_dl_x86_get_cpu_features", layout: modern },
  { name: "__get_cpu_features", layout: before233 },
] as const;
/** Bytes up to the end of what is looked at in either layout. */
const examined = 128;

/** The patches that make glibc forget the masked features, for the dynamic linker's copy and for a static program's. */
export function forgetFeatures(memory: ProcessMemory): MemoryPatch[] {
  return findCpuFeatures(memory).flatMap(({ address, layout }) =>
    layout.words.flatMap(({ offset, mask }) => {
      const word = address + BigInt(offset);
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

export function cpuidWords(memory: ProcessMemory, { address, layout }: CpuFeatures): CpuidWords | undefined {
  const word = (offset: number): number | undefined => memory.read32(address + BigInt(offset));
  const [leaf1Ecx, leaf7Ebx, leaf7Ecx] = [word(layout.leaf1 + 8), word(layout.leaf7 + 4), word(layout.leaf7 + 8)];
  return leaf1Ecx === undefined || leaf7Ebx === undefined || leaf7Ecx === undefined
    ? undefined
    : { leaf1Ecx, leaf7Ebx, leaf7Ecx };
}

/**
 * All `struct cpu_features` of the process.
 * @throws MigrationError `cannot-carry` when a glibc keeps it in a way that is not known (of those before 2.33 only 2.31 was seen)
 */
export function findCpuFeatures(memory: ProcessMemory): CpuFeatures[] {
  return memory.modules.flatMap((module) => inDynamicLinker(memory, module) ?? inStaticProgram(memory, module) ?? []);
}

/** Whether a file is glibc's dynamic linker. */
export function isDynamicLinker(elf: ElfFile): boolean {
  return getters.some(({ name }) => findSymbol(elf, name) !== undefined);
}

function inDynamicLinker(memory: ProcessMemory, { path, elf, base }: Module): CpuFeatures | undefined {
  for (const { name, layout } of getters) {
    const symbol = findSymbol(elf, name);
    const code = symbol && elf.read(symbol.value, 16);
    if (symbol === undefined || code === undefined) continue;
    for (let at = 0; at + 7 <= code.length; at++) {
      if (code[at] !== 0x48 || code[at + 1] !== 0x8d || code[at + 2] !== 0x05) continue;
      const displacement = new DataView(code.buffer, code.byteOffset + at + 3, 4).getInt32(0, true);
      const address = base + symbol.value + BigInt(at + 7 + displacement);
      if (layout === modern) return { address, layout };
      const bytes = memory.read(address, examined);
      if (bytes !== undefined && looksLikeCpuFeatures(viewOf(bytes), 0, layout)) return { address, layout };
    }
    throw new MigrationError("cannot-carry", `${path} keeps what it knows of the CPU in a way that is not known`, {
      remedy: "Choose a target with the source's CPU features, or an image with glibc 2.31 or 2.33 and later.",
    });
  }
  return undefined;
}

/**
 * A static program has no symbol for it. The structure gives itself away: its family, model and stepping must
 * agree with the CPUID leaf 1 word that belongs to them.
 */
function inStaticProgram(memory: ProcessMemory, { elf, start, end }: Module): CpuFeatures | undefined {
  if (elf.hasInterpreter || elf.symbols.length > 1) return undefined;
  for (const run of memory.process.pagemap?.runs ?? []) {
    const runEnd = run.address + BigInt(run.pages * 4096);
    const from = run.address > start ? run.address : start;
    const to = runEnd < end + 4096n ? runEnd : end + 4096n;
    const bytes = from < to ? memory.read(from, Number(to - from)) : undefined;
    if (bytes === undefined) continue;
    const view = viewOf(bytes);
    for (let at = 0; at + examined <= bytes.length; at += 4) {
      const layout = [modern, before233].find((each) => looksLikeCpuFeatures(view, at, each));
      if (layout !== undefined) return { address: from + BigInt(at), layout };
    }
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function looksLikeCpuFeatures(view: DataView, at: number, { basic, leaf1 }: Layout): boolean {
  const kind = view.getUint32(at + basic, true);
  const eax = view.getUint32(at + leaf1, true);
  const [maximum, family, model, stepping] = [1, 2, 3, 4].map((index) => view.getUint32(at + basic + 4 * index, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (kind < 1 || kind > 5 || maximum < 7 || maximum > 0x40 || eax === 0) return false;
  const baseFamily = (eax >> 8) & 15;
  const baseModel = (eax >> 4) & 15;
  const extendedModel = baseFamily === 6 || baseFamily === 15 ? (eax >> 12) & 0xf0 : 0;
  const extendedFamily = baseFamily === 15 ? (eax >> 20) & 255 : 0;
  return family === baseFamily + extendedFamily && model === baseModel + extendedModel && stepping === (eax & 15);
}
