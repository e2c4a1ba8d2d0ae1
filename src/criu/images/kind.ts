import type { MessageSchema } from "../protobuf/schema.ts";

/** Gives the number of raw bytes that follow an entry; `rest` is all that is left of the image. */
export type ExtraRule<Entry> = (entry: Entry, rest: Uint8Array) => number | bigint;

/** A kind of image file. */
export interface ImageKind<Entry = unknown, Head = unknown> {
  /** Matches the file's name; the group, where there is one, is the id. */
  readonly pattern: RegExp;
  readonly magic: number;
  readonly entry: MessageSchema<Entry>;
  /** The first entry, where it is another message. */
  readonly head?: MessageSchema<Head>;
  /** Absent: no entry has raw bytes after it. Methods compare loosely, so that kinds of any message go in one table. */
  extra?(entry: Entry, rest: Uint8Array): number | bigint;
  /** The inventory has its own magic only, whatever the version: the version is in it. */
  readonly bare?: true;
}

export interface KindOptions<Entry, Head> {
  readonly head?: MessageSchema<Head>;
  readonly extra?: ExtraRule<Entry>;
  readonly bare?: true;
}

export function kind<Entry, Head = never>(
  pattern: RegExp,
  magic: number,
  entry: MessageSchema<Entry>,
  options: KindOptions<Entry, Head> = {},
): ImageKind<Entry, Head> {
  return { pattern, magic, entry, ...options };
}
