import type { Reader } from "./reader.ts";
import type { ScalarType, ScalarValues } from "./schema.ts";
import { decodeText, encodeText } from "./text.ts";
import { largestUint32, wireType } from "./wire.ts";
import type { Writer } from "./writer.ts";

/** How one type of scalar is read, written and checked. */
export interface ScalarCodec<Value> {
  readonly wire: (typeof wireType)[keyof typeof wireType];
  read(reader: Reader): Value;
  write(writer: Writer, value: Value): void;
  /** Whether a value given for writing has this type and fits in it. */
  accepts(value: unknown): boolean;
}

const int32Range = (value: unknown): boolean => Number.isInteger(value) && (value as number) === ((value as number) | 0);
const signed64Range = (value: unknown): boolean => typeof value === "bigint" && BigInt.asIntN(64, value) === value;
const unsigned64Range = (value: unknown): boolean => typeof value === "bigint" && BigInt.asUintN(64, value) === value;

export const scalars: { readonly [Type in ScalarType]: ScalarCodec<ScalarValues[Type]> } = {
  uint32: {
    wire: wireType.VARINT,
    read: (reader) => reader.uint32(),
    write: (writer, value) => writer.uint32(value),
    accepts: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= largestUint32,
  },
  int32: {
    wire: wireType.VARINT,
    read: (reader) => reader.int32(),
    write: (writer, value) => (value < 0 ? writer.uint64(BigInt(value)) : writer.uint32(value)),
    accepts: int32Range,
  },
  sint32: {
    wire: wireType.VARINT,
    read(reader) {
      const zigzag = reader.uint32();
      return (zigzag >>> 1) ^ -(zigzag & 1);
    },
    write: (writer, value) => writer.uint32((value << 1) ^ (value >> 31)),
    accepts: int32Range,
  },
  uint64: {
    wire: wireType.VARINT,
    read: (reader) => reader.uint64(),
    write: (writer, value) => writer.uint64(value),
    accepts: unsigned64Range,
  },
  int64: {
    wire: wireType.VARINT,
    read: (reader) => BigInt.asIntN(64, reader.uint64()),
    write: (writer, value) => writer.uint64(value),
    accepts: signed64Range,
  },
  sint64: {
    wire: wireType.VARINT,
    read(reader) {
      const zigzag = reader.uint64();
      return (zigzag >> 1n) ^ -(zigzag & 1n);
    },
    write: (writer, value) => writer.uint64((value << 1n) ^ (value >> 63n)),
    accepts: signed64Range,
  },
  fixed64: {
    wire: wireType.FIXED64,
    read: (reader) => reader.fixed64(),
    write: (writer, value) => writer.fixed64(value),
    accepts: unsigned64Range,
  },
  bool: {
    wire: wireType.VARINT,
    read(reader) {
      const value = reader.uint32();
      if (value > 1) {
        throw reader.corrupt(`${value} is neither true nor false`);
      }
      return value === 1;
    },
    write: (writer, value) => writer.uint32(value ? 1 : 0),
    accepts: (value) => typeof value === "boolean",
  },
  string: {
    wire: wireType.LENGTH_DELIMITED,
    read: (reader) => decodeText(reader.take(reader.uint32(), "a string")),
    write: (writer, value) => writeBytes(writer, encodeText(value)),
    accepts: (value) => typeof value === "string",
  },
  bytes: {
    wire: wireType.LENGTH_DELIMITED,
    read: (reader) => reader.take(reader.uint32(), "a byte string"),
    write: writeBytes,
    accepts: (value) => value instanceof Uint8Array,
  },
};

function writeBytes(writer: Writer, value: Uint8Array): void {
  writer.uint32(value.length);
  writer.raw(value);
}
