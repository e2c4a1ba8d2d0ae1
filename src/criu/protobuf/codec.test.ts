import assert from "node:assert/strict";
import test from "node:test";
import type { MigrationError } from "../../errors.ts";
import { decodeMessage } from "./decode.ts";
import { encodeMessage } from "./encode.ts";
import {
  enumeration,
  type MessageOf,
  type MessageSchema,
  message,
  optional,
  repeated,
  required,
  unknownFields,
} from "./schema.ts";

const colour = enumeration("colour", { RED: 1, BLUE: 7 });
const point = message("point", { x: required(1, "sint32"), y: optional(2, "sint32") });
const zoo = message("zoo", {
  unsigned: optional(1, "uint32"),
  signed: optional(2, "int32"),
  zigzag: optional(3, "sint32"),
  long: optional(4, "uint64"),
  signedLong: optional(5, "int64"),
  zigzagLong: optional(6, "sint64"),
  fixed: optional(7, "fixed64"),
  flag: optional(8, "bool"),
  text: optional(9, "string"),
  blob: optional(10, "bytes"),
  colour: optional(11, colour),
  points: repeated(12, point),
  numbers: repeated(13, "uint32"),
  fixeds: repeated(14, "fixed64"),
  far: optional(1000, "bool"),
});
type Zoo = MessageOf<typeof zoo>;
const empty: Zoo = { points: [], numbers: [], fixeds: [] };

interface Tree {
  readonly name: number;
  readonly children: readonly Tree[];
}
const tree: MessageSchema<Tree> = message("tree", {
  name: required(1, "uint32"),
  children: repeated(2, (): MessageSchema<Tree> => tree),
});

const bytesOf = (hexadecimal: string): Uint8Array => Buffer.from(hexadecimal.replaceAll(" ", ""), "hex");
const decode = (hexadecimal: string): Zoo => decodeMessage(zoo, bytesOf(hexadecimal), "zoo.img");

/** Wire bytes by the encoding guide, https://protobuf.dev/programming-guides/encoding/, worked out by hand. */
const samples: readonly (readonly [string, Partial<Zoo>])[] = [
  ["08 96 01", { unsigned: 150 }],
  ["08 ff ff ff ff 0f", { unsigned: 0xffff_ffff }],
  ["10 fe ff ff ff ff ff ff ff ff 01", { signed: -2 }],
  ["10 80 80 80 80 f8 ff ff ff ff 01", { signed: -0x8000_0000 }],
  ["18 01", { zigzag: -1 }],
  ["18 ff ff ff ff 0f", { zigzag: -0x8000_0000 }],
  ["18 fe ff ff ff 0f", { zigzag: 0x7fff_ffff }],
  ["20 ff ff ff ff ff ff ff ff ff 01", { long: 0xffff_ffff_ffff_ffffn }],
  ["20 80 80 80 80 10", { long: 0x1_0000_0000n }],
  ["20 80 e0 ff ff ff ff 1f", { long: 0x7fff_ffff_f000n }],
  ["28 ff ff ff ff ff ff ff ff ff 01", { signedLong: -1n }],
  ["30 01", { zigzagLong: -1n }],
  ["30 ff ff ff ff ff ff ff ff ff 01", { zigzagLong: -0x8000_0000_0000_0000n }],
  ["39 08 07 06 05 04 03 02 01", { fixed: 0x0102_0304_0506_0708n }],
  ["40 01", { flag: true }],
  ["40 00", { flag: false }],
  ["4a 07 74 65 73 74 69 6e 67", { text: "testing" }],
  ["4a 03 ef bb bf", { text: "\ufeff" }],
  ["4a 00", { text: "" }],
  ["52 02 00 ff", { blob: Uint8Array.of(0, 255) }],
  ["58 07", { colour: 7 }],
  ["62 02 08 02 62 04 08 01 10 04", { points: [{ x: 1 }, { x: -1, y: 2 }] }],
  ["68 01 68 ac 02", { numbers: [1, 300] }],
  ["c0 3e 01", { far: true }],
];

for (const [wire, fields] of samples) {
  test(`${wire} is ${Object.keys(fields)[0]}, both ways`, () => {
    const value: Zoo = { ...empty, ...fields };
    assert.deepEqual(decode(wire), value);
    assert.deepEqual(Buffer.from(encodeMessage(zoo, value)), Buffer.from(bytesOf(wire)));
  });
}

test("an absent optional field is absent, and a repeated one empty", () => {
  assert.deepEqual(decode(""), empty);
  assert.equal("unsigned" in decode(""), false);
});

test("repeated scalars are read packed too", () => {
  assert.deepEqual(decode("6a 03 01 ac 02 68 05").numbers, [1, 300, 5]);
  assert.deepEqual(decode("72 10 01 00000000000000 02 00000000000000").fixeds, [1n, 2n]);
});

test("unknown fields of every wire type are kept in their places", () => {
  const wire = "08 01 78 05 81 01 0102030405060708 8a 01 02 aa bb 95 01 01020304 c0 3e 01 80 7d 09";
  const value = decode(wire);
  assert.deepEqual(
    value[unknownFields]?.map(({ number }) => number),
    [15, 16, 17, 18, 2000],
  );
  assert.deepEqual(Buffer.from(encodeMessage(zoo, value)), Buffer.from(bytesOf(wire)));
});

test("a string that is not UTF-8 gives its own bytes back", () => {
  const wire = "4a 08 2f ff c3 28 ed a0 80 e2";
  const { text } = decode(wire);
  assert.equal(text?.startsWith("/\udcff"), true);
  assert.deepEqual(Buffer.from(encodeMessage(zoo, { ...empty, text })), Buffer.from(bytesOf(wire)));
});

const corrupt: readonly (readonly [string, string, RegExp])[] = [
  ["a cut-off number", "08 96", /cut off/],
  ["a cut-off string", "4a 07 74 65", /has 7 bytes, but 2 are left/],
  ["a string longer than memory", "4a ff ff ff ff 0f 00", /has 4294967295 bytes/],
  ["a string with a length above 32 bits", "4a ff ff ff ff 7f 00", /exceeds 32 bits/],
  ["a number of eleven bytes", "20 80 80 80 80 80 80 80 80 80 80 01", /exceeds 64 bits/],
  ["a 32-bit field with a larger number", "08 80 80 80 80 10", /exceeds 32 bits/],
  ["a signed 32-bit field with a larger number", "10 80 80 80 80 10", /exceeds 32 bits/],
  ["a flag that is 2", "40 02", /neither true nor false/],
  ["a field that occurs twice", "08 01 08 01", /occurs twice/],
  ["a field of another wire type", "09 00 00 00 00 00 00 00 00", /wire type 1 instead of 0/],
  ["a field number 0", "00 01", /field number 0/],
  ["a group", "7b 7c", /wire type 3/],
  ["a nested message that overruns its parent", "62 0a 08 02", /point has 10 bytes/],
  ["a nested message without its required field", "62 02 10 02", /required field x/],
  ["a field of a nested message that overruns it", "62 01 08 02", /cut off/],
  ["a packed field cut off in an element", "6a 01 80", /cut off/],
];

for (const [what, wire, expected] of corrupt) {
  test(`${what} is refused`, () => {
    assert.throws(() => decode(wire), { name: "MigrationError", code: "image-corrupt", message: expected });
  });
}

test("an error names file, message, field and offset", () => {
  assert.throws(
    () => decode("08 01 62 02 08 80"),
    (error: MigrationError) => {
      assert.match(error.message, /^zoo\.img \(zoo\.points\.point\.x, offset 6\)/);
      assert.deepEqual(error.details, { file: "zoo.img", field: "zoo.points.point.x", offset: 6 });
      return true;
    },
  );
});

test("a number that an enum does not have is of a newer format", () => {
  assert.throws(() => decode("58 02"), { code: "image-unsupported", message: /2 is no colour/ });
});

/** `depth` messages, each in the one before. */
function nested(depth: number): Uint8Array {
  let bytes: Uint8Array = bytesOf("08 01");
  for (let level = 1; level < depth; level++) {
    const length = Buffer.from(encodeMessage(zoo, { ...empty, unsigned: bytes.length })).subarray(1);
    bytes = Buffer.concat([bytesOf("08 01 12"), length, bytes]);
  }
  return bytes;
}

test("nesting is bounded: 64 deep is read, more is refused without exhausting the stack", () => {
  assert.doesNotThrow(() => decodeMessage(tree, nested(64), "tree.img"));
  for (const depth of [66, 2000]) {
    assert.throws(() => decodeMessage(tree, nested(depth), "tree.img"), {
      code: "image-corrupt",
      message: /nested more than 64/,
    });
  }
});

const unfit: readonly (readonly [string, Record<string, unknown>])[] = [
  ["a negative unsigned number", { unsigned: -1 }],
  ["a number above 32 bits", { signed: 2 ** 31 }],
  ["a bigint above 64 bits", { long: 1n << 64n }],
  ["a number for a bigint", { long: 1 }],
  ["a fraction", { zigzag: 0.5 }],
  ["an enum's foreign number", { colour: 2 }],
  ["text for bytes", { blob: "x" }],
  ["a message without its required field", { points: [{}] }],
];

for (const [what, fields] of unfit) {
  test(`${what} can't be written`, () => {
    assert.throws(() => encodeMessage(zoo, { ...empty, ...fields } as Zoo), TypeError);
  });
}

test("types follow the schema", () => {
  const value = decode("08 01");
  const unsigned: number | undefined = value.unsigned;
  const long: bigint | undefined = value.long;
  const name: 1 | 7 | undefined = value.colour;
  assert.deepEqual([unsigned, long, name], [1, undefined, undefined]);
  // @ts-expect-error a required field is missing
  const incomplete: MessageOf<typeof point> = {};
  // @ts-expect-error an enum has its own numbers only
  const wrong: Zoo = { ...empty, colour: 2 };
  assert.ok(incomplete && wrong);
});
