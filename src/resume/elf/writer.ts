export interface LoadSegment {
  readonly address: bigint;
  /** PF_* bits: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly content: Uint8Array;
  /** Bytes in memory, at least as many as the content. */
  readonly memorySize: bigint;
}

const headerSize = 64;
const programHeaderSize = 56;
const pageSize = 4096;
const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474e551;

/**
 * An ET_EXEC file with these segments (System V ABI, chapter 4 and 5). Segments with content must begin on a page.
 * @param machine e_machine
 */
export function writeElf(machine: number, entry: bigint, segments: readonly LoadSegment[]): Uint8Array {
  const ordered = segments.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const headers = headerSize + programHeaderSize * (ordered.length + 1);
  let size = (headers + pageSize - 1) & -pageSize;
  const placed = ordered.map((segment) => {
    const offset = segment.content.length > 0 ? size : 0;
    if (segment.content.length > 0) size = (size + segment.content.length + pageSize - 1) & -pageSize;
    return { ...segment, offset };
  });
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, programHeaderSize, true);
  view.setUint16(56, ordered.length + 1, true);
  let at = headerSize;
  const header = (
    type: number,
    flags: number,
    offset: number,
    address: bigint,
    fileSize: number,
    memorySize: bigint,
    alignment: number,
  ): void => {
    view.setUint32(at, type, true);
    view.setUint32(at + 4, flags, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, address, true);
    view.setBigUint64(at + 24, address, true);
    view.setBigUint64(at + 32, BigInt(fileSize), true);
    view.setBigUint64(at + 40, memorySize, true);
    view.setBigUint64(at + 48, BigInt(alignment), true);
    at += programHeaderSize;
  };
  for (const { flags, offset, address, content, memorySize } of placed) {
    header(PT_LOAD, flags, offset, address, content.length, memorySize, pageSize);
    file.set(content, offset);
  }
  header(PT_GNU_STACK, 6, 0, 0n, 0, 0n, 16);
  return file;
}
