import { readFileSync, realpathSync } from "node:fs";
import type { Module, ProcessMemory } from "../cpu/modules.ts";
import { readElf } from "../elf/reader.ts";
import type { ResumedProcess } from "../process.ts";

/** A file of this machine as it would be mapped. */
export function moduleOf(path: string, base: bigint): Module {
  const elf = readElf(readFileSync(realpathSync(path)))!;
  const from = elf.fixed ? 0n : base - elf.lowestAddress;
  return { path, elf, base: from, start: from + elf.lowestAddress, end: from + elf.highestAddress };
}

/** Memory with these modules, and with other bytes than theirs where `pages` has some. */
export function memoryOf(modules: readonly Module[], pages: ReadonlyMap<bigint, Uint8Array> = new Map()): ProcessMemory {
  const moduleAt = (address: bigint) => modules.find(({ start, end }) => address >= start && address < end);
  const read = (address: bigint, length: number): Uint8Array | undefined => {
    for (const [start, bytes] of pages) {
      const offset = Number(address - start);
      if (offset >= 0 && offset + length <= bytes.length) return bytes.subarray(offset, offset + length);
    }
    const module = moduleAt(address);
    return module?.elf.read(address - module.base, length);
  };
  const view = (address: bigint, length: number): DataView | undefined => {
    const bytes = read(address, length);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  const runs = [...pages].map(([address, bytes]) => ({ address, pages: bytes.length / 4096, flags: 4, fileOffset: 0n }));
  return {
    modules,
    process: {
      threads: [],
      memory: { vmas: [] },
      pagemap: { pagesId: 1, pagesFile: "pages-1.img", pagesSize: 0n, runs },
    } as unknown as ResumedProcess,
    read,
    read64: (address) => view(address, 8)?.getBigUint64(0, true),
    read32: (address) => view(address, 4)?.getUint32(0, true),
    moduleAt,
  };
}
