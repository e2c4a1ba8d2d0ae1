import { refusal } from "../archive/refusal.ts";

/**
 * A number of a tar header. Octal digits with spaces or NULs around them; sizes beyond 8 GiB may be binary, with the first bit set
 * (GNU tar, src/list.c, from_header).
 * @throws MigrationError `archive-refused`, `bad-number` when it is negative, beyond 2^53 or no number
 */
export function tarNumber(field: Uint8Array, what: string): number {
  const [first = 0] = field;
  if ((first & 0x80) !== 0) return binaryNumber(field, what);
  const match = /^ *([0-7]*)[ \0]*$/.exec(Buffer.from(field).toString("latin1"));
  if (match === null) throw refusal("bad-number", `the ${what} of a member is no octal number`);
  return Number.parseInt(match[1] || "0", 8);
}

function binaryNumber(field: Uint8Array, what: string): number {
  // All ones in front is the two's complement of something negative.
  if (field[0] !== 0x80) throw refusal("bad-number", `the ${what} of a member is negative or too large`);
  const value = field.subarray(1).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refusal("bad-number", `the ${what} of a member is too large`);
  return Number(value);
}

/** A number in decimal digits, as extended headers have it. @throws MigrationError `archive-refused`, `bad-number` */
export function decimalNumber(text: string, what: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw refusal("bad-number", `the ${what} of a member is ${JSON.stringify(text.slice(0, 40))}`);
  return value;
}
