import { refusal } from "../archive/refusal.ts";
import type { ByteReader } from "./byte-reader.ts";
import { type ExtendedHeader, textOf } from "./extended-header.ts";
import { blockSize, type DecodeName } from "./header.ts";
import { decimalNumber } from "./number.ts";

/** A file with holes, in GNU's form 1.0: the map of its pieces precedes its content (GNU tar manual, "Storing Sparse Files"). */
export interface SparseFile {
  readonly name: string;
  readonly realSize: number;
}

/** @returns undefined when the file is not sparse @throws MigrationError `archive-refused`, `sparse-member` for older forms */
export function sparseFile(records: ExtendedHeader, decode: DecodeName): SparseFile | undefined {
  if (![...records.keys()].some((key) => key.startsWith("GNU.sparse."))) return undefined;
  const [major, minor] = [textOf(records, "GNU.sparse.major", decode), textOf(records, "GNU.sparse.minor", decode)];
  const [name, realSize] = [textOf(records, "GNU.sparse.name", decode), textOf(records, "GNU.sparse.realsize", decode)];
  if (major !== "1" || minor !== "0" || name === undefined || realSize === undefined) {
    throw refusal("sparse-member", "a file with holes is not in GNU tar's form 1.0");
  }
  return { name, realSize: decimalNumber(realSize, "size") };
}

/**
 * Reads the map and the pieces of a sparse file, whose pieces must be in order, inside the file, and be all that is stored.
 * @param stored bytes of map and pieces
 * @throws MigrationError `archive-refused`, `sparse-member`
 */
export async function* sparseContent(reader: ByteReader, stored: number, realSize: number): AsyncGenerator<Uint8Array> {
  const map = new SparseMap(reader, stored);
  const count = await map.number();
  let [end, pieces] = [0, 0];
  for (let index = 0; index < count; index++) {
    const [offset, length] = [await map.number(), await map.number()];
    if (offset < end || offset + length > realSize)
      throw refusal("sparse-member", "the pieces of a file with holes overlap or leave it");
    end = offset + length;
    pieces += length;
  }
  if (map.bytesRead + pieces !== stored) throw refusal("sparse-member", "the pieces of a file with holes are not what is stored");
  yield* reader.stream(pieces);
}

/** Decimal numbers, each on a line, padded to whole blocks. */
class SparseMap {
  bytesRead = 0;
  readonly #reader: ByteReader;
  readonly #stored: number;
  #block = "";

  constructor(reader: ByteReader, stored: number) {
    this.#reader = reader;
    this.#stored = stored;
  }

  async number(): Promise<number> {
    let digits = "";
    for (;;) {
      const end = this.#block.indexOf("\n");
      digits += end === -1 ? this.#block : this.#block.slice(0, end);
      if (digits.length > 16) throw refusal("sparse-member", "the map of a file with holes is damaged");
      if (end !== -1) {
        this.#block = this.#block.slice(end + 1);
        return decimalNumber(digits, "map of holes");
      }
      if (this.bytesRead + blockSize > this.#stored) throw refusal("sparse-member", "the map of a file with holes has no end");
      this.#block = Buffer.from(await this.#reader.take(blockSize)).toString("latin1");
      this.bytesRead += blockSize;
    }
  }
}
