import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import { corrupt } from "../testing/corrupt.ts";
import { seededRandom } from "../testing/random.ts";
import { randomImage } from "../testing/random-image.ts";
import { decodeImage } from "./decode-image.ts";
import { encodeImage } from "./encode-image.ts";
import { type ImageKindName, imageKinds } from "./kinds.ts";
import { commonMagic, magic } from "./magic.ts";

const kinds = Object.keys(imageKinds) as ImageKindName[];
/** MIGRATE_FUZZ_SEED repeats or varies a run. */
const seed = Number(process.env.MIGRATE_FUZZ_SEED ?? 20_260_401);

for (const [index, kind] of kinds.entries()) {
  test(`${kind}: any image is encoded and decoded to itself, and damage gives a MigrationError or another image`, () => {
    const random = seededRandom(seed + index);
    let refused = 0;
    for (let round = 0; round < 20; round++) {
      const image = randomImage(kind, random);
      const bytes = encodeImage(image);
      const decoded = decodeImage(kind, bytes, `${kind}.img`);
      assert.deepEqual(decoded, image);
      assert.deepEqual(Buffer.from(encodeImage(decoded)), Buffer.from(bytes));
      for (let damage = 0; damage < 20; damage++) {
        refused += tryDamaged(kind, corrupt(bytes, random)) ? 0 : 1;
      }
    }
    assert.ok(refused > 0, "some damage must be noticed");
  });
}

/** @returns whether it could be decoded; then it can be encoded, and that is stable */
function tryDamaged(kind: ImageKindName, bytes: Uint8Array): boolean {
  try {
    const again = encodeImage(decodeImage(kind, bytes, "damaged"));
    assert.deepEqual(Buffer.from(encodeImage(decodeImage(kind, again, "again"))), Buffer.from(again));
    return true;
  } catch (error) {
    assert.ok(error instanceof MigrationError, String(error));
    assert.match(error.code, /^image-(corrupt|unsupported)$/);
    return false;
  }
}

test("an image of nothing but tiny values is refused before it fills the memory", () => {
  // 10 million empty byte strings, two bytes each.
  const length = 20_000_000;
  const bytes = Buffer.alloc(12 + length, Buffer.from([0x12, 0x00]));
  bytes.writeUInt32LE(commonMagic, 0);
  bytes.writeUInt32LE(magic.CPUINFO, 4);
  bytes.writeUInt32LE(length, 8);
  assert.throws(() => decodeImage("cpuinfo", bytes, "cpuinfo.img"), {
    code: "image-unsupported",
    message: /more than 4000000 messages and strings/,
  });
});
