import { readMessage } from "../protobuf/decode.ts";
import { Reader } from "../protobuf/reader.ts";
import type { MessageSchema } from "../protobuf/schema.ts";
import type { Framing, Image, ImageEntry } from "./image.ts";
import type { ImageKind } from "./kind.ts";
import { type EntryOf, type HeadOf, type ImageKindName, imageKinds } from "./kinds.ts";
import { commonMagic, serviceMagic } from "./magic.ts";

/** An address space with a hundred thousand mappings takes a tenth of this. */
const largestMessage = 64 * 1024 * 1024;

/**
 * Decodes an image file. Byte strings in the result share `bytes`.
 * @param fileName named in errors
 * @throws MigrationError `image-corrupt` for anything that CRIU would not write, `image-unsupported` for what a newer one may
 */
export function decodeImage<Kind extends ImageKindName>(kind: Kind, bytes: Uint8Array, fileName: string): Image<Kind> {
  const reader = new Reader(bytes, fileName);
  const definition: ImageKind<EntryOf<Kind>, HeadOf<Kind>> = imageKinds[kind] as never;
  const framing = readFraming(reader, definition);
  const head = definition.head === undefined ? undefined : readEntry(reader, definition.head);
  const entries: ImageEntry<EntryOf<Kind>>[] = [];
  while (reader.left > 0) {
    reader.countObject();
    const message = readEntry(reader, definition.entry);
    const extra = readExtra(reader, definition, message);
    entries.push(extra === undefined ? { message } : { message, extra });
  }
  return head === undefined ? { kind, framing, entries } : { kind, framing, head, entries };
}

function readFraming(reader: Reader, { magic, bare }: Pick<ImageKind, "magic" | "bare">): Framing {
  const first = reader.fixed32();
  const framing = bare ? "bare" : first === commonMagic ? "common" : first === serviceMagic ? "service" : "bare";
  const own = framing === "bare" ? first : reader.fixed32();
  if (own !== magic) {
    throw reader.corrupt(`the magic is ${hexadecimal(own)} instead of ${hexadecimal(magic)}`);
  }
  return framing;
}

/** The length may be 0: a message with no field set. CRIU does not bound it; here the file's size does, and memory. */
function readEntry<Value>(reader: Reader, schema: MessageSchema<Value>): Value {
  const length = reader.fixed32();
  if (length > largestMessage) {
    throw reader.corrupt(`${schema.name} has ${length} bytes`);
  }
  return reader.within(length, schema.name, () => readMessage(reader, schema));
}

function readExtra<Entry>(reader: Reader, kind: ImageKind<Entry>, message: Entry): Uint8Array | undefined {
  const length = kind.extra?.(message, reader.bytes.subarray(reader.position)) ?? 0;
  return length === 0 || length === 0n ? undefined : reader.take(length, "the data after an entry");
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
