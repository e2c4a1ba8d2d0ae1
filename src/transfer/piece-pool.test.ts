import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PiecePool, pieceBytes } from "./piece-pool.ts";

test("pieces: a file comes whole, and from any byte on; what was given back is used again, and nothing else", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "pieces-"));
  context.after(() => rm(folder, { recursive: true }));
  const content = randomBytes(3 * pieceBytes + 5);
  const path = join(folder, "file");
  await writeFile(path, content);
  const pool = new PiecePool();
  const read = async (start: number, isGivenBack: boolean) => {
    const copies: Buffer[] = [];
    const memory = new Set<ArrayBufferLike>();
    for await (const piece of pool.read(path, { start, end: content.length })) {
      copies.push(Buffer.from(piece));
      memory.add(piece.buffer);
      pool.give(Buffer.alloc(1));
      if (isGivenBack) for (let times = 0; times < 2; times++) pool.give(piece);
    }
    assert.deepEqual(Buffer.concat(copies), content.subarray(start));
    return memory.size;
  };
  assert.equal(await read(0, false), 4);
  assert.equal(await read(0, true), 1);
  assert.equal(await read(pieceBytes + 1, true), 1);
});

test("pieces: a file that is shorter than expected ends early, one that is not there is an error", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "pieces-"));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "file"), "five.");
  const sizes = async (path: string) => {
    const found: number[] = [];
    for await (const piece of new PiecePool().read(path, { end: 10 })) found.push(piece.length);
    return found;
  };
  assert.deepEqual(await sizes(join(folder, "file")), [5]);
  await assert.rejects(sizes(join(folder, "none")), { code: "ENOENT" });
});
