import { type ElfFile, segmentType } from "./reader.ts";

/** Addresses of a function in its file. */
export interface FunctionRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** How glibc's and the usual linkers' tables are encoded (LSB Core, "Exception Frames"): relative to the table, 4 bytes with a sign. */
const encoding = { pointer: 0x1b, count: 0x03, table: 0x3b } as const;
const headerSize = 12;
const entrySize = 8;

/**
 * The function at an address, by the table for unwinding (.eh_frame_hdr), which stripped files have too.
 * @returns undefined when the file has no such table, or no function there
 */
export function functionAt(elf: ElfFile, address: bigint): FunctionRange | undefined {
  const segment = elf.segments.find(({ type }) => type === segmentType.GNU_EH_FRAME);
  const bytes = segment && elf.read(segment.address, Number(segment.fileSize));
  if (segment === undefined || bytes === undefined || bytes.length < headerSize) return undefined;
  const [version, pointer, counting, table] = bytes as unknown as readonly number[];
  if (version !== 1 || pointer !== encoding.pointer || counting !== encoding.count || table !== encoding.table) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.min(view.getUint32(8, true), Math.floor((bytes.length - headerSize) / entrySize));
  const wanted = Number(address - segment.address);
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (view.getInt32(headerSize + entrySize * middle, true) <= wanted) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return undefined;
  const entry = headerSize + entrySize * (low - 1);
  const start = segment.address + BigInt(view.getInt32(entry, true));
  // A frame description: length, distance of its common part, begin of the function, its length.
  const description = elf.read(segment.address + BigInt(view.getInt32(entry + 4, true)), 16);
  if (description === undefined || description.length < 16) return undefined;
  const end = start + BigInt(new DataView(description.buffer, description.byteOffset, 16).getUint32(12, true));
  return address < end ? { start, end } : undefined;
}
