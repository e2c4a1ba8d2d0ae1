import { encodeMessage } from "../protobuf/encode.ts";
import type { MessageSchema } from "../protobuf/schema.ts";
import { Writer } from "../protobuf/writer.ts";
import type { Image } from "./image.ts";
import type { ImageKind } from "./kind.ts";
import { type EntryOf, type HeadOf, type ImageKindName, imageKinds } from "./kinds.ts";
import { commonMagic, serviceMagic } from "./magic.ts";

/**
 * Encodes an image file; one that CRIU wrote and `decodeImage` read gives its own bytes back.
 * @throws TypeError when a value does not fit its field
 */
export function encodeImage<Kind extends ImageKindName>(image: Image<Kind>): Uint8Array {
  const definition: ImageKind<EntryOf<Kind>, HeadOf<Kind>> = imageKinds[image.kind] as never;
  const writer = new Writer();
  if (image.framing !== "bare") {
    writer.fixed32(image.framing === "common" ? commonMagic : serviceMagic);
  }
  writer.fixed32(definition.magic);
  if (definition.head !== undefined && image.head !== undefined) {
    writeEntry(writer, definition.head, image.head);
  }
  for (const { message, extra } of image.entries) {
    writeEntry(writer, definition.entry, message);
    if (extra !== undefined) {
      writer.raw(extra);
    }
  }
  return writer.finish();
}

function writeEntry<Value>(writer: Writer, schema: MessageSchema<Value>, value: Value): void {
  const bytes = encodeMessage(schema, value);
  writer.fixed32(bytes.length);
  writer.raw(bytes);
}
