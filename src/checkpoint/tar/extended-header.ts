import { refusal, shown } from "../archive/refusal.ts";
import { type DecodeName, utf8 } from "./header.ts";

/** The records of an extended header. Values of attributes are bytes, all others text. */
export type ExtendedHeader = ReadonlyMap<string, Uint8Array>;

const equals = 0x3d;
const newline = 0x0a;
const space = 0x20;

/**
 * Reads the records `<length> <key>=<value>\n` of an extended header (pax(1)). A key that comes twice is refused: readers differ on which
 * one counts.
 * @throws MigrationError `archive-refused`, `extended-header`
 */
export function readExtendedHeader(bytes: Uint8Array): ExtendedHeader {
  const records = new Map<string, Uint8Array>();
  for (let start = 0; start < bytes.length; ) {
    const digits = bytes.indexOf(space, start);
    const length = digits === -1 ? Number.NaN : decimal(bytes.subarray(start, digits));
    const end = start + length;
    const separator = bytes.indexOf(equals, digits);
    if (!(end <= bytes.length && separator !== -1 && separator < end - 1 && bytes[end - 1] === newline)) {
      throw refusal("extended-header", "an extended header is damaged");
    }
    const key = utf8(bytes.subarray(digits + 1, separator));
    if (key === "" || key.includes("\0")) throw refusal("extended-header", "an extended header has a record without a name");
    if (records.has(key)) throw refusal("extended-header", `an extended header has \`${shown(key)}\` twice`);
    records.set(key, bytes.subarray(separator + 1, end - 1));
    start = end;
  }
  return records;
}

/** The text of a record. @throws MigrationError `archive-refused`, `bad-name` when it has a NUL, at which other readers end it */
export function textOf(records: ExtendedHeader, key: string, decode: DecodeName): string | undefined {
  const value = records.get(key);
  if (value === undefined) return undefined;
  const text = decode(value);
  if (text.includes("\0")) throw refusal("bad-name", `\`${shown(key)}\` of an extended header has a NUL in it`);
  return text;
}

function decimal(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
}
