import { decodeText } from "../protobuf/text.ts";

/** A piece of a file's contents: where it belongs in the file, and where it is in the archive. */
export interface TarPiece {
  readonly offset: bigint;
  readonly length: bigint;
  readonly archiveOffset: bigint;
}

export interface TarEntry {
  readonly name: string;
  /** The header's type: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` named pipe, `S` file with holes. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds. */
  readonly modified: bigint;
  /** Of a link. */
  readonly target: string;
  /** Bytes of the file, holes and all. */
  readonly size: bigint;
  readonly pieces: readonly TarPiece[];
}

const blockSize = 512;
/** Names are at most PATH_MAX long. */
const longestName = 4096 + blockSize;

/**
 * Reads the headers of an archive in GNU's format (GNU tar's manual, "Basic Tar Format"), which is what GNU tar writes unless it
 * is told otherwise, and the only one with `--sparse` that other libraries here can't read. Contents are passed over.
 * @param chunks the archive's bytes
 * @throws Error when it is damaged or of another format
 */
export async function* readGnuTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new Input(chunks);
  let longName: string | undefined;
  let longTarget: string | undefined;
  for (;;) {
    const header = await input.take(blockSize);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156]! || 0x30);
    const stored = readNumber(header, 124, 12);
    if (type === "L" || type === "K") {
      if (stored > BigInt(longestName)) throw new Error(`a name of ${stored} bytes`);
      const text = readName(await input.take(Number(stored)), 0, Number(stored));
      await input.skip(padding(stored));
      if (type === "L") longName = text;
      else longTarget = text;
      continue;
    }
    if (!"0123456S".includes(type)) throw new Error(`an entry of type ${type}`);
    const pieces = type === "S" ? await readSparseMap(header, input) : [{ offset: 0n, length: stored }];
    const size = type === "S" ? readNumber(header, 483, 12) : stored;
    yield {
      name: longName ?? readName(header, 0, 100),
      type,
      mode: Number(readNumber(header, 100, 8)) & 0o7777,
      uid: Number(readNumber(header, 108, 8)),
      gid: Number(readNumber(header, 116, 8)),
      modified: readNumber(header, 136, 12),
      target: longTarget ?? readName(header, 157, 100),
      size,
      pieces: placePieces(pieces, input.position),
    };
    [longName, longTarget] = [undefined, undefined];
    await input.skip(stored + padding(stored));
  }
}

/** Pieces follow one another in the archive. The last one of a sparse map may be empty: it only says where the file ends. */
function placePieces(pieces: readonly Omit<TarPiece, "archiveOffset">[], start: bigint): TarPiece[] {
  let archiveOffset = start;
  return pieces.flatMap((piece) => {
    const placed = { ...piece, archiveOffset };
    archiveOffset += piece.length;
    return piece.length === 0n ? [] : [placed];
  });
}

/** GNU's old sparse format: four pieces in the header, 21 in each block that follows as long as the one before says so. */
async function readSparseMap(header: Uint8Array, input: Input): Promise<Omit<TarPiece, "archiveOffset">[]> {
  const pieces = sparsePieces(header, 386, 4);
  for (let more = header[482]; more !== 0; ) {
    const block = await input.take(blockSize);
    pieces.push(...sparsePieces(block, 0, 21));
    more = block[504];
  }
  return pieces;
}

function sparsePieces(block: Uint8Array, start: number, count: number): Omit<TarPiece, "archiveOffset">[] {
  return Array.from({ length: count }, (_, index) => start + index * 24)
    .filter((at) => block[at] !== 0)
    .map((at) => ({ offset: readNumber(block, at, 12), length: readNumber(block, at + 12, 12) }));
}

/** Octal digits, or, with the first bit set, a number in base 256. */
function readNumber(block: Uint8Array, at: number, length: number): bigint {
  const field = block.subarray(at, at + length);
  if ((field[0]! & 0x80) !== 0) {
    const negative = (field[0]! & 0x40) !== 0;
    const value = field.reduce((sum, byte, index) => (sum << 8n) | BigInt(index === 0 ? byte & 0x7f : byte), 0n);
    return negative ? value - (1n << BigInt(8 * length - 1)) : value;
  }
  const digits = /^ *([0-7]*)[ \0]*$/.exec(Buffer.from(field).toString("latin1"))?.[1];
  if (digits === undefined) throw new Error("a number that is none");
  return BigInt(`0o${digits || "0"}`);
}

function readName(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return decodeText(end === -1 ? field : field.subarray(0, end));
}

function checkSum(header: Uint8Array): void {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (BigInt(sum) !== readNumber(header, 148, 8)) throw new Error("a header whose sum is wrong");
}

function padding(size: bigint): bigint {
  return -size & BigInt(blockSize - 1);
}

/** Bytes in order, a few at a time. */
class Input {
  position = 0n;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.#next(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(length: bigint): Promise<void> {
    for (let left = length; left > 0n; ) {
      const part = await this.#next(left > 0x7fff_ffffn ? 0x7fff_ffff : Number(left));
      left -= BigInt(part.length);
    }
  }

  async #next(most: number): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) throw new Error("the archive ends early");
      this.#chunk = value;
    }
    const part = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(part.length);
    this.position += BigInt(part.length);
    return part;
  }
}
