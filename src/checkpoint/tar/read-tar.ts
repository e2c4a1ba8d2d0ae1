import { refusal, shown } from "../archive/refusal.ts";
import type { ByteReader } from "./byte-reader.ts";
import { type ExtendedHeader, readExtendedHeader, textOf } from "./extended-header.ts";
import { blockSize, type DecodeName, readHeader, type TarHeader, utf8 } from "./header.ts";
import { decimalNumber } from "./number.ts";
import { sparseContent, sparseFile } from "./sparse.ts";

export type TarEntryType = "file" | "link" | "symlink" | "character-device" | "block-device" | "directory" | "fifo";

export interface TarEntry {
  readonly name: string;
  readonly type: TarEntryType;
  readonly mode: number;
  /** Bytes of content in the archive: none but for files. */
  readonly size: number;
  /** What a link points to. */
  readonly linkName: string;
  readonly major: number;
  readonly minor: number;
  /** The extended header's records, none where it has no such header. */
  readonly records: ExtendedHeader;
  /** Must be read to its end before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface TarOptions {
  /** Which records extended headers may have; undefined: there may be none. */
  readonly extended?: (key: string) => boolean;
  /** Default: names must be UTF-8. */
  readonly decodeName?: DecodeName;
}

const types: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "1": "link",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};
const extendedHeaderType = "x";
const largestExtendedHeader = 2 ** 20;
/** What tar programs pad archives to. */
const recordSize = 20 * blockSize;
const noRecords: ExtendedHeader = new Map();

/**
 * Reads a tar archive of the POSIX format, strictly. Libraries resolve extended headers, and forgive much; what is resolved in silence
 * can't be refused by name.
 * @throws MigrationError `archive-refused`: `truncated`, `trailing-data`, `header-corrupt`, `bad-number`, `bad-name`, `extended-header`,
 * `sparse-member`, `member-type`
 */
export async function* readTar(reader: ByteReader, options: TarOptions = {}): AsyncGenerator<TarEntry> {
  const { decodeName: decode = utf8 } = options;
  for (;;) {
    const block = await reader.take(blockSize);
    if (isZero(block)) break;
    const header = readHeader(block, decode);
    const records = header.typeFlag === extendedHeaderType ? await recordsOf(reader, header, options) : noRecords;
    yield* entryOf(reader, records === noRecords ? header : readHeader(await reader.take(blockSize), decode), records, decode);
  }
  await expectEnd(reader);
}

async function recordsOf(reader: ByteReader, header: TarHeader, { extended }: TarOptions): Promise<ExtendedHeader> {
  if (extended === undefined) throw refusal("extended-header", "a member has an extended header");
  if (header.size > largestExtendedHeader) throw refusal("extended-header", `an extended header has ${header.size} bytes`);
  const records = readExtendedHeader(await reader.take(header.size));
  await padding(reader, header.size);
  for (const key of records.keys()) {
    if (!extended(key)) throw refusal("extended-header", `an extended header has the record \`${shown(key)}\``);
  }
  return records;
}

async function* entryOf(
  reader: ByteReader,
  header: TarHeader,
  records: ExtendedHeader,
  decode: DecodeName,
): AsyncGenerator<TarEntry> {
  const type = types[header.typeFlag];
  if (type === undefined) throw unknownType(header.typeFlag);
  const sparse = sparseFile(records, decode);
  const recorded = textOf(records, "size", decode);
  const stored = recorded === undefined ? header.size : decimalNumber(recorded, "size");
  if (type !== "file" && (stored !== 0 || sparse !== undefined)) {
    throw refusal("header-corrupt", `the member ${shown(header.name)} is a ${type} and has content`);
  }
  const begin = reader.position;
  yield {
    name: sparse?.name ?? textOf(records, "path", decode) ?? header.name,
    type,
    mode: header.mode,
    size: stored,
    linkName: textOf(records, "linkpath", decode) ?? header.linkName,
    major: header.major,
    minor: header.minor,
    records,
    content: sparse === undefined ? reader.stream(stored) : sparseContent(reader, stored, sparse.realSize),
  };
  if (reader.position !== begin + stored) throw new Error("an entry of a tar archive was not read to its end");
  await padding(reader, stored);
}

function unknownType(flag: string): Error {
  if (flag === "L" || flag === "K" || flag === "g" || flag === "x")
    return refusal("extended-header", `it has a header of type \`${flag}\`, which changes the names of others`);
  if (flag === "S") return refusal("sparse-member", "a file with holes is in an old form");
  return refusal("member-type", `a member has the unknown type ${JSON.stringify(flag)}`);
}

async function padding(reader: ByteReader, size: number): Promise<void> {
  const bytes = await reader.take((blockSize - (size % blockSize)) % blockSize);
  if (!isZero(bytes)) throw refusal("trailing-data", "there is data between two members");
}

/** Two blocks of zeros end an archive, and zeros up to a whole record may follow. */
async function expectEnd(reader: ByteReader): Promise<void> {
  if (await reader.atEnd()) throw refusal("truncated", "its end mark is not whole");
  let zeros = 0;
  for await (const piece of reader.rest()) {
    zeros += piece.length;
    if (!isZero(piece) || zeros > recordSize) throw refusal("trailing-data", "there is data after its end");
  }
  if (zeros < blockSize) throw refusal("truncated", "its end mark is not whole");
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
