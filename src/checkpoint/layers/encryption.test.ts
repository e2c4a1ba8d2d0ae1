import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { decrypted, encrypted, isEncrypted } from "./encryption.ts";

let folder: string;
let identityFile: string;
let recipient: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "encryption-"));
  identityFile = join(folder, "identity");
  await execa("age-keygen", ["--output", identityFile]);
  recipient = (await execa("age-keygen", ["-y", identityFile])).stdout.trim();
});
after(() => rm(folder, { recursive: true, force: true }));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

// Around age's pieces of 64 KiB.
const sizes = [1, 65_535, 65_536, 65_537, 131_072, 1_000_000];

for (const size of sizes) {
  test(`encryption: ${size} bytes are read by Debian's age, and what it wrote is read here`, async () => {
    const plain = randomBytes(size);
    const ours = await collect(await encrypted(pieces(plain, 100_000), [recipient]));
    assert.equal(isEncrypted(ours), true);
    await writeFile(join(folder, "ours.age"), ours);
    await execa("age", ["--decrypt", "--identity", identityFile, "--output", join(folder, "plain"), join(folder, "ours.age")]);
    assert.ok(plain.equals(await readFile(join(folder, "plain"))));

    await writeFile(join(folder, "plain"), plain);
    await execa("age", ["--recipient", recipient, "--output", join(folder, "theirs.age"), join(folder, "plain")]);
    const theirs = await readFile(join(folder, "theirs.age"));
    assert.ok(plain.equals(await collect(decrypted(pieces(theirs, 70_000), identityFile))));
  });
}

test("encryption: each of several recipients can read it, nobody else", async () => {
  const [second, third] = [join(folder, "second"), join(folder, "third")];
  for (const path of [second, third]) await execa("age-keygen", ["--output", path]);
  const other = (await execa("age-keygen", ["-y", second])).stdout.trim();
  const plain = randomBytes(1000);
  const bytes = await collect(await encrypted(pieces(plain, 1000), [recipient, other]));
  for (const path of [identityFile, second]) assert.ok(plain.equals(await collect(decrypted(pieces(bytes, 999), path))));
  await assert.rejects(collect(decrypted(pieces(bytes, 999), third)), { details: { reason: "identity-wrong" } });
});

test("encryption: memory does not grow with what is encrypted and decrypted", async () => {
  const [piece, pieceCount] = [Buffer.alloc(2 ** 20, "memory"), 400];
  const plain = async function* () {
    for (let index = 0; index < pieceCount; index++) yield piece;
  };
  let [bytes, peak, first] = [0, 0, 0];
  for await (const chunk of decrypted(await encrypted(plain(), [recipient]), identityFile)) {
    bytes += chunk.length;
    const { rss } = process.memoryUsage();
    // What the engine takes to warm up is none of it.
    if (bytes < 50 * piece.length) first = Math.max(first, rss);
    peak = Math.max(peak, rss);
  }
  assert.equal(bytes, piece.length * pieceCount);
  assert.ok(peak - first < 150 * 2 ** 20, `${peak - first} bytes more`);
});

test("encryption: an error does not quote the identity", async () => {
  const path = join(folder, "damaged");
  await writeFile(path, "AGE-SECRET-KEY-1SECRET\n");
  await assert.rejects(collect(decrypted(pieces(Buffer.from("age"), 3), path)), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${String(error.cause)} ${JSON.stringify(error)}`, /SECRET-KEY-1SECRET/);
    return true;
  });
});
