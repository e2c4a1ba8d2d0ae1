import { type LaidOutField, layoutOf } from "./layout.ts";
import { type HasUnknownFields, type MessageSchema, type UnknownField, unknownFields } from "./schema.ts";
import { wireType } from "./wire.ts";
import { Writer } from "./writer.ts";

/**
 * Encodes a message: fields in order of their numbers, repeated scalars unpacked, unknown fields in their places. So a
 * message that CRIU wrote gives its own bytes back.
 * @throws TypeError when a value does not fit its field
 */
export function encodeMessage<Value>(schema: MessageSchema<Value>, value: Value): Uint8Array {
  const writer = new Writer();
  writeMessage(writer, schema, value as Readonly<Record<string, unknown>> & HasUnknownFields);
  return writer.finish();
}

function writeMessage(
  writer: Writer,
  schema: MessageSchema,
  message: Readonly<Record<string, unknown>> & HasUnknownFields,
): void {
  const unknown = [...(message[unknownFields] ?? [])].sort((left, right) => left.number - right.number);
  let written = 0;
  const writeUnknownBelow = (number: number): void => {
    for (
      let next: UnknownField | undefined = unknown[written];
      next !== undefined && next.number < number;
      next = unknown[written]
    ) {
      writer.raw(next.raw);
      written++;
    }
  };
  for (const field of layoutOf(schema).fields) {
    writeUnknownBelow(field.number);
    writeField(writer, schema.name, field, message[field.name]);
  }
  writeUnknownBelow(Number.POSITIVE_INFINITY);
}

function writeField(writer: Writer, messageName: string, field: LaidOutField, value: unknown): void {
  if (field.rule === "repeated") {
    for (const element of value as readonly unknown[]) {
      writeValue(writer, messageName, field, element);
    }
  } else if (value !== undefined) {
    writeValue(writer, messageName, field, value);
  } else if (field.rule === "required") {
    throw new TypeError(`${messageName}.${field.name} is required`);
  }
}

function writeValue(writer: Writer, messageName: string, { name, number, type }: LaidOutField, value: unknown): void {
  const wire = type.kind === "message" ? wireType.LENGTH_DELIMITED : type.wire;
  writer.uint32((number << 3) | wire);
  if (type.kind === "message") {
    const bytes = encodeMessage(type.schema, value);
    writer.uint32(bytes.length);
    writer.raw(bytes);
    return;
  }
  if (!type.codec.accepts(value)) {
    throw new TypeError(`${messageName}.${name} cannot hold ${String(value)}`);
  }
  type.codec.write(writer, value);
}
