/** Writes tar archives as nobody should: every field of a header can be set to anything. */

export interface RawEntry {
  readonly name: string;
  /** The letter in the header. Default: `0`, a file. */
  readonly typeFlag?: string;
  readonly content?: Uint8Array;
  readonly mode?: number;
  readonly linkName?: string;
  readonly major?: number;
  readonly minor?: number;
  /** Records of an extended header that precedes it, in this order. */
  readonly records?: readonly (readonly [key: string, value: string])[];
  /** Edits the header before its sum is made. */
  readonly edit?: (header: Buffer) => void;
  /** Edits the header after its sum is made. */
  readonly spoil?: (header: Buffer) => void;
  /** Edits the bytes that pad its content to whole blocks. */
  readonly padding?: (bytes: Buffer) => void;
}

const blockSize = 512;
const nothing = new Uint8Array();

export function rawTar(entries: readonly RawEntry[], end: Uint8Array = Buffer.alloc(2 * blockSize)): Buffer {
  return Buffer.concat([...entries.flatMap(entryBlocks), end]);
}

function entryBlocks(entry: RawEntry): Buffer[] {
  const { records, content = nothing } = entry;
  const extended =
    records === undefined ? [] : entryBlocks({ name: "PaxHeaders/x", typeFlag: "x", content: recordBytes(records) });
  const padding = Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize);
  entry.padding?.(padding);
  return [...extended, headerBlock(entry), Buffer.from(content), padding];
}

export function recordBytes(records: readonly (readonly [key: string, value: string])[]): Buffer {
  return Buffer.concat(
    records.map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + 1;
      while (rest + String(length).length !== length) length = rest + String(length).length;
      return Buffer.from(`${length} ${key}=${value}\n`);
    }),
  );
}

function headerBlock({
  name,
  typeFlag = "0",
  content = nothing,
  mode = 0o600,
  linkName = "",
  major = 0,
  minor = 0,
  edit,
  spoil,
}: RawEntry): Buffer {
  const header = Buffer.alloc(blockSize);
  header.write(name, 0, 100);
  for (const [offset, length, value] of [
    [100, 8, mode],
    [108, 8, 0],
    [116, 8, 0],
    [124, 12, content.length],
    [136, 12, 0],
    [329, 8, major],
    [337, 8, minor],
  ] as const) {
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "latin1");
  }
  header.write(typeFlag, 156, "latin1");
  header.write(linkName, 157, 100);
  header.write("ustar\x0000", 257, "latin1");
  edit?.(header);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  spoil?.(header);
  return header;
}
