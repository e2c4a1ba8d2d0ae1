import { refusal } from "../archive/refusal.ts";
import { tarNumber } from "./number.ts";

export const blockSize = 512;

/** One header block, as it stands. */
export interface TarHeader {
  readonly name: string;
  readonly linkName: string;
  /** The letter in the header. */
  readonly typeFlag: string;
  readonly mode: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
}

/** How the bytes of names are read. */
export type DecodeName = (bytes: Uint8Array) => string;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws MigrationError `archive-refused`, `bad-name` when it isn't UTF-8 */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw refusal("bad-name", "a name in it is not UTF-8");
  }
}

/** A letter for each byte: names of files need not be UTF-8, and every one is to stay apart from every other. */
export function byteText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/**
 * Reads a header of the POSIX format (pax(1), "ustar Interchange Format").
 * @throws MigrationError `archive-refused`: `header-corrupt`, `bad-number`, `bad-name`
 */
export function readHeader(block: Uint8Array, decode: DecodeName): TarHeader {
  if (checksum(block) !== tarNumber(block.subarray(148, 156), "checksum")) {
    throw refusal("header-corrupt", "the checksum of a header is wrong");
  }
  // GNU's own format ("ustar  ") has other fields in the place of the prefix.
  if (Buffer.from(block.subarray(257, 265)).toString("latin1") !== "ustar\x0000") {
    throw refusal("header-corrupt", "a header is not of the POSIX tar format");
  }
  const [name, prefix] = [text(block.subarray(0, 100), decode), text(block.subarray(345, 500), decode)];
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: text(block.subarray(157, 257), decode),
    typeFlag: String.fromCharCode(block[156] ?? 0),
    mode: tarNumber(block.subarray(100, 108), "mode"),
    size: tarNumber(block.subarray(124, 136), "size"),
    major: tarNumber(block.subarray(329, 337), "device number"),
    minor: tarNumber(block.subarray(337, 345), "device number"),
  };
}

/** Bytes after the end of a name would be seen by some readers and not by others. */
function text(field: Uint8Array, decode: DecodeName): string {
  const end = field.indexOf(0);
  if (end === -1) return decode(field);
  if (field.subarray(end).some((byte) => byte !== 0)) throw refusal("header-corrupt", "a name in a header goes on after its end");
  return decode(field.subarray(0, end));
}

function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}
