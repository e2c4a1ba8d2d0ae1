/** Reads 64-bit little-endian ELF files of x86-64, as far as symbols and relocations go (System V ABI, AMD64 supplement). */

export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
}

export interface ElfSymbol {
  readonly name: string;
  /** STT_* */
  readonly type: number;
  /** 0: undefined here. */
  readonly section: number;
  readonly value: bigint;
  readonly size: bigint;
  readonly version: string | undefined;
}

export interface ElfRelocation {
  readonly offset: bigint;
  /** R_X86_64_* */
  readonly type: number;
  /** Index in `symbols`, 0 for none. */
  readonly symbol: number;
  readonly addend: bigint;
}

export interface ElfFile {
  readonly bytes: Uint8Array;
  /** Whether it is loaded at the addresses it names (ET_EXEC). */
  readonly fixed: boolean;
  readonly segments: readonly ElfSegment[];
  /** The first page of the lowest PT_LOAD. */
  readonly lowestAddress: bigint;
  readonly highestAddress: bigint;
  readonly symbols: readonly ElfSymbol[];
  /** The names of the symbols, with zeros between them: to see at once that there is none like it. */
  readonly names: Buffer;
  readonly relocations: readonly ElfRelocation[];
  readonly hasInterpreter: boolean;
  /** The file's bytes at an address, undefined where it has none. */
  read(address: bigint, length: number): Uint8Array | undefined;
}

export const segmentType = { LOAD: 1, DYNAMIC: 2, INTERP: 3, GNU_EH_FRAME: 0x6474e550 } as const;
export const symbolType = { FUNC: 2, IFUNC: 10 } as const;
/** Those that are read; the many others (most are R_X86_64_RELATIVE) name no function. */
export const relocationType = { R64: 1, GLOB_DAT: 6, JUMP_SLOT: 7, IRELATIVE: 37 } as const;
const relocationTypes: ReadonlySet<number> = new Set(Object.values(relocationType));
const tag = {
  PLTRELSZ: 2n,
  STRTAB: 5n,
  STRSZ: 10n,
  SYMTAB: 6n,
  RELA: 7n,
  RELASZ: 8n,
  JMPREL: 23n,
  VERSYM: 0x6ffffff0n,
  VERDEF: 0x6ffffffcn,
  VERDEFNUM: 0x6ffffffdn,
  VERNEED: 0x6ffffffen,
  VERNEEDNUM: 0x6fffffffn,
  HASH: 4n,
  GNU_HASH: 0x6ffffef5n,
} as const;
const sectionTypeRela = 4;
const symbolSize = 24;

/**
 * @returns undefined when the bytes are not such an ELF file, or are damaged: then there is nothing to find in it
 */
export function readElf(bytes: Uint8Array): ElfFile | undefined {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(bytes: Uint8Array): ElfFile | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint32(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const type = view.getUint16(16, true);
  const segments = Array.from({ length: view.getUint16(56, true) }, (_, index) =>
    readSegment(view, Number(view.getBigUint64(32, true)) + 56 * index),
  );
  const loads = segments.filter((segment) => segment.type === segmentType.LOAD);
  const [first] = loads;
  if (first === undefined) return undefined;
  const offsetOf = (address: bigint): number => {
    const segment = loads.find((load) => address >= load.address && address < load.address + load.fileSize);
    if (segment === undefined) throw new RangeError(`no file bytes at 0x${address.toString(16)}`);
    return Number(address - segment.address + segment.offset);
  };
  const dynamic = readDynamic(view, segments);
  const read = (address: bigint, length: number): Uint8Array | undefined => {
    try {
      const offset = offsetOf(address);
      return bytes.subarray(offset, offset + length);
    } catch {
      return undefined;
    }
  };
  return {
    bytes,
    fixed: type === 2,
    segments,
    lowestAddress: loads.reduce((lowest, { address }) => (address < lowest ? address : lowest), first.address) & -4096n,
    highestAddress: loads.reduce(
      (highest, { address, memorySize }) => (address + memorySize > highest ? address + memorySize : highest),
      0n,
    ),
    symbols: readSymbols(view, bytes, dynamic, offsetOf),
    names: readNames(bytes, dynamic, offsetOf),
    relocations: dynamic.size > 0 ? readDynamicRelocations(view, dynamic, offsetOf) : readSectionRelocations(view),
    hasInterpreter: segments.some((segment) => segment.type === segmentType.INTERP),
    read,
  };
}

function readSegment(view: DataView, at: number): ElfSegment {
  return {
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: view.getBigUint64(at + 8, true),
    address: view.getBigUint64(at + 16, true),
    fileSize: view.getBigUint64(at + 32, true),
    memorySize: view.getBigUint64(at + 40, true),
  };
}

function readDynamic(view: DataView, segments: readonly ElfSegment[]): Map<bigint, bigint> {
  const entries = new Map<bigint, bigint>();
  const segment = segments.find(({ type }) => type === segmentType.DYNAMIC);
  if (segment === undefined) return entries;
  const end = Number(segment.offset + segment.fileSize);
  for (let at = Number(segment.offset); at + 16 <= end; at += 16) {
    const key = view.getBigInt64(at, true);
    if (key === 0n) break;
    if (!entries.has(key)) entries.set(key, view.getBigUint64(at + 8, true));
  }
  return entries;
}

function readNames(bytes: Uint8Array, dynamic: ReadonlyMap<bigint, bigint>, offsetOf: (address: bigint) => number): Buffer {
  const address = dynamic.get(tag.STRTAB);
  if (address === undefined) return Buffer.alloc(0);
  const start = offsetOf(address);
  const end = start + Number(dynamic.get(tag.STRSZ) ?? 0n);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, Math.min(end, bytes.length) - start));
}

/** The function or object of this name that a file defines. */
export function findSymbol(elf: ElfFile, name: string): ElfSymbol | undefined {
  return elf.names.includes(name) ? elf.symbols.find((symbol) => symbol.section !== 0 && symbol.name === name) : undefined;
}

function readSymbols(
  view: DataView,
  bytes: Uint8Array,
  dynamic: ReadonlyMap<bigint, bigint>,
  offsetOf: (address: bigint) => number,
): ElfSymbol[] {
  const [symtab, strtab] = [dynamic.get(tag.SYMTAB), dynamic.get(tag.STRTAB)];
  if (symtab === undefined || strtab === undefined) return [];
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings = offsetOf(strtab);
  const table = offsetOf(symtab);
  const text = (offset: number): string => {
    const end = content.indexOf(0, strings + offset);
    return content.toString("utf8", strings + offset, end);
  };
  const versionTable = dynamic.get(tag.VERSYM);
  const versions = readVersions(view, dynamic, offsetOf, text);
  const versionsAt = versionTable === undefined ? undefined : offsetOf(versionTable);
  const count = symbolCount(view, dynamic, offsetOf, table, strings);
  if (table + symbolSize * count > bytes.length) throw new RangeError("the symbols end behind the file");
  // What is asked of few of them is read when it is asked for: libraries have tens of thousands.
  return Array.from({ length: count }, (_, index) => {
    const at = table + symbolSize * index;
    return {
      get name() {
        return text(view.getUint32(at, true));
      },
      type: view.getUint8(at + 4) & 15,
      section: view.getUint16(at + 6, true),
      get value() {
        return view.getBigUint64(at + 8, true);
      },
      get size() {
        return view.getBigUint64(at + 16, true);
      },
      get version() {
        return versions.get(versionsAt === undefined ? 0 : view.getUint16(versionsAt + 2 * index, true) & 0x7fff);
      },
    };
  });
}

/** The dynamic section does not tell how many symbols there are: DT_HASH does, and else the string table follows them (as GNU ld and lld lay it out). */
function symbolCount(
  view: DataView,
  dynamic: ReadonlyMap<bigint, bigint>,
  offsetOf: (address: bigint) => number,
  table: number,
  strings: number,
): number {
  const hash = dynamic.get(tag.HASH);
  if (hash !== undefined) return view.getUint32(offsetOf(hash) + 4, true);
  const gnuHash = dynamic.get(tag.GNU_HASH);
  if (gnuHash !== undefined) return gnuHashCount(view, offsetOf(gnuHash));
  return strings > table ? Math.floor((strings - table) / 24) : 0;
}

function gnuHashCount(view: DataView, at: number): number {
  const [buckets, firstSymbol, bloomWords] = [
    view.getUint32(at, true),
    view.getUint32(at + 4, true),
    view.getUint32(at + 8, true),
  ];
  const bucketsAt = at + 16 + 8 * bloomWords;
  const chainsAt = bucketsAt + 4 * buckets;
  let last = 0;
  for (let bucket = 0; bucket < buckets; bucket++) last = Math.max(last, view.getUint32(bucketsAt + 4 * bucket, true));
  if (last < firstSymbol) return firstSymbol;
  while ((view.getUint32(chainsAt + 4 * (last - firstSymbol), true) & 1) === 0) last++;
  return last + 1;
}

function readVersions(
  view: DataView,
  dynamic: ReadonlyMap<bigint, bigint>,
  offsetOf: (address: bigint) => number,
  text: (offset: number) => string,
): Map<number, string> {
  const versions = new Map<number, string>();
  const needed = dynamic.get(tag.VERNEED);
  if (needed !== undefined) {
    let at = offsetOf(needed);
    for (let left = Number(dynamic.get(tag.VERNEEDNUM) ?? 0n); left > 0; left--) {
      let auxiliary = at + view.getUint32(at + 8, true);
      for (let count = view.getUint16(at + 2, true); count > 0; count--) {
        versions.set(view.getUint16(auxiliary + 6, true) & 0x7fff, text(view.getUint32(auxiliary + 8, true)));
        auxiliary += view.getUint32(auxiliary + 12, true);
      }
      at += view.getUint32(at + 12, true);
    }
  }
  const defined = dynamic.get(tag.VERDEF);
  if (defined !== undefined) {
    let at = offsetOf(defined);
    for (let left = Number(dynamic.get(tag.VERDEFNUM) ?? 0n); left > 0; left--) {
      versions.set(view.getUint16(at + 4, true) & 0x7fff, text(view.getUint32(at + view.getUint32(at + 12, true), true)));
      at += view.getUint32(at + 16, true);
    }
  }
  return versions;
}

function readRelocation(view: DataView, at: number): ElfRelocation {
  const info = view.getBigUint64(at + 8, true);
  return {
    offset: view.getBigUint64(at, true),
    type: Number(info & 0xffff_ffffn),
    symbol: Number(info >> 32n),
    addend: view.getBigInt64(at + 16, true),
  };
}

function readRelocations(view: DataView, start: number, size: number): ElfRelocation[] {
  const found: ElfRelocation[] = [];
  for (let at = start; at + 24 <= start + size; at += 24) {
    if (relocationTypes.has(view.getUint32(at + 8, true))) found.push(readRelocation(view, at));
  }
  return found;
}

function readDynamicRelocations(
  view: DataView,
  dynamic: ReadonlyMap<bigint, bigint>,
  offsetOf: (address: bigint) => number,
): ElfRelocation[] {
  return [
    [tag.RELA, tag.RELASZ],
    [tag.JMPREL, tag.PLTRELSZ],
  ].flatMap(([table, size]) => {
    const address = dynamic.get(table!);
    if (address === undefined) return [];
    const start = offsetOf(address);
    return readRelocations(view, start, Number(dynamic.get(size!) ?? 0n));
  });
}

/** A static program has no dynamic section; its IRELATIVE relocations stand in a section. */
function readSectionRelocations(view: DataView): ElfRelocation[] {
  const sections = Number(view.getBigUint64(40, true));
  return Array.from({ length: view.getUint16(60, true) }, (_, index) => sections + 64 * index)
    .filter((at) => view.getUint32(at + 4, true) === sectionTypeRela)
    .flatMap((at) => {
      const [offset, size] = [Number(view.getBigUint64(at + 24, true)), Number(view.getBigUint64(at + 32, true))];
      return readRelocations(view, offset, size);
    });
}
