import type { ElfSymbol } from "../elf/reader.ts";
import type { MemoryPatch } from "../memory/patches.ts";
import type { Module, ProcessMemory } from "./modules.ts";

/**
 * Libraries that choose by the CPU themselves when they are first used, and keep the choice in objects or pointers:
 * simdutf and simdjson (src/implementation.cpp) and base64 (lib/codec_choose.c), all of which are linked into Node.js.
 * Where their symbols are exported, what they have for AVX-512 is made to be what they have for AVX2; the places where
 * the choice is kept need not be found. Programs that do not export them are not recognised.
 */
export function replaceAvx512Implementations(memory: ProcessMemory): MemoryPatch[] {
  return memory.modules.flatMap((module) => {
    if (!marks.some((mark) => module.elf.names.includes(mark))) return [];
    const symbols = new Map(module.elf.symbols.filter(isDefined).map((symbol) => [symbol.name, symbol]));
    return [...symbols.values()].flatMap((symbol) => {
      const table = symbols.get(symbol.name.replace(icelakeTable, "$17haswell$2"));
      if (table !== undefined && table !== symbol) return copyTable(memory, module, symbol, table);
      const routine = symbols.get(symbol.name.replace(base64Routine, "$1avx2"));
      return routine !== undefined && routine !== symbol ? [jump(module, symbol, routine)] : [];
    });
  });
}

/** What names have that are looked for. */
const marks = ["icelake", "base64_stream_"];

/** A class for each kind of CPU, with the same members and virtual functions: "icelake" is AVX-512, "haswell" AVX2. */
const icelakeTable = /^(_ZTVN\d+simd(?:utf|json))7icelake(.+)$/;
const base64Routine = /^(base64_stream_(?:en|de)code_)avx512$/;

const isDefined = ({ section }: ElfSymbol): boolean => section !== 0;

/** Objects of the one class get the functions of the other. */
function copyTable(memory: ProcessMemory, { base }: Module, from: ElfSymbol, to: ElfSymbol): MemoryPatch[] {
  const bytes = from.size === to.size ? memory.read(base + to.value, Number(to.size)) : undefined;
  return bytes === undefined ? [] : [{ address: base + from.value, bytes }];
}

function jump({ base }: Module, from: ElfSymbol, to: ElfSymbol): MemoryPatch {
  const bytes = new Uint8Array(5);
  bytes[0] = 0xe9; // jmp rel32
  new DataView(bytes.buffer).setInt32(1, Number(to.value - (from.value + 5n)), true);
  return { address: base + from.value, bytes };
}
