import { type LaidOutField, layoutOf } from "./layout.ts";
import { Reader } from "./reader.ts";
import { type MessageSchema, type UnknownField, unknownFields } from "./schema.ts";
import { wireType } from "./wire.ts";

/**
 * Decodes one message that fills `bytes`.
 * @param file named in errors
 * @throws MigrationError `image-corrupt`, `image-unsupported`
 */
export function decodeMessage<Value>(schema: MessageSchema<Value>, bytes: Uint8Array, file: string): Value {
  return readMessage(new Reader(bytes, file), schema);
}

/**
 * Reads a message up to the reader's end.
 * @throws MigrationError `image-corrupt`, `image-unsupported`
 */
export function readMessage<Value>(reader: Reader, schema: MessageSchema<Value>): Value {
  return reader.inside(schema.name, () => readFields(reader, schema)) as Value;
}

type Draft = Record<string | symbol, unknown>;

function readFields(reader: Reader, schema: MessageSchema): Draft {
  const layout = layoutOf(schema);
  const draft: Draft = {};
  for (const field of layout.fields) {
    if (field.rule === "repeated") {
      draft[field.name] = [];
    }
  }
  const unknown: UnknownField[] = [];
  while (reader.left > 0) {
    const start = reader.position;
    const tag = reader.uint32();
    const number = tag >>> 3;
    const field = layout.byNumber.get(number);
    if (field === undefined) {
      reader.countObject();
      skip(reader, number, tag & 7);
      unknown.push({ number, raw: reader.bytes.subarray(start, reader.position) });
    } else {
      reader.inside(field.name, () => readField(reader, field, tag & 7, draft));
    }
  }
  if (unknown.length > 0) {
    draft[unknownFields] = unknown;
  }
  const missing = layout.fields.find((field) => field.rule === "required" && draft[field.name] === undefined);
  if (missing !== undefined) {
    throw reader.corrupt(`the required field ${missing.name} (${missing.number}) is missing`);
  }
  return draft;
}

function readField(reader: Reader, field: LaidOutField, wire: number, draft: Draft): void {
  const { name, rule, type } = field;
  if (rule !== "repeated") {
    if (draft[name] !== undefined) {
      throw reader.corrupt("the field occurs twice");
    }
    draft[name] = readValue(reader, field, wire);
    return;
  }
  const values = draft[name] as unknown[];
  if (type.kind === "scalar" && type.wire !== wireType.LENGTH_DELIMITED && wire === wireType.LENGTH_DELIMITED) {
    readPacked(reader, field, values);
    return;
  }
  values.push(readValue(reader, field, wire));
}

/** proto2 readers must accept a repeated scalar in both forms, whichever the writer chose. */
function readPacked(reader: Reader, field: LaidOutField, values: unknown[]): void {
  reader.within(reader.uint32(), "a packed field", () => {
    while (reader.left > 0) {
      values.push(readValue(reader, field));
    }
  });
}

function readValue(reader: Reader, { type }: LaidOutField, wire?: number): unknown {
  const expected = type.kind === "message" ? wireType.LENGTH_DELIMITED : type.wire;
  if (wire !== undefined && wire !== expected) {
    throw reader.corrupt(`wire type ${wire} instead of ${expected}`);
  }
  if (expected === wireType.LENGTH_DELIMITED) {
    reader.countObject();
  }
  if (type.kind === "message") {
    return reader.within(reader.uint32(), type.schema.name, () => readMessage(reader, type.schema));
  }
  return type.codec.read(reader);
}

function skip(reader: Reader, number: number, wire: number): void {
  if (number === 0) {
    throw reader.corrupt("field number 0");
  }
  switch (wire) {
    case wireType.VARINT:
      reader.uint64();
      break;
    case wireType.FIXED64:
      reader.fixed64();
      break;
    case wireType.LENGTH_DELIMITED:
      reader.take(reader.uint32(), `the unknown field ${number}`);
      break;
    case wireType.FIXED32:
      reader.fixed32();
      break;
    default:
      throw reader.corrupt(`field ${number} has wire type ${wire}`);
  }
}
