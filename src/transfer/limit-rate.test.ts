import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { limitRate } from "./limit-rate.ts";

async function* chunks(number: number, bytes: number): AsyncGenerator<Buffer> {
  for (let index = 0; index < number; index++) yield Buffer.alloc(bytes, index);
}

const gathered = (pieces: AsyncIterable<Buffer>): Promise<Buffer[]> => Readable.from(pieces).toArray();

test("limit: all passes in its order, and not sooner than the rate allows", async () => {
  const begin = performance.now();
  const passed: Buffer[] = [];
  for await (const piece of limitRate(chunks(5, 10_000), 100_000)) passed.push(piece);
  assert.equal(Buffer.compare(Buffer.concat(passed), Buffer.concat(await gathered(chunks(5, 10_000)))), 0);
  // The first tenth of a second's worth goes out at once.
  assert.ok(performance.now() - begin >= 390, String(performance.now() - begin));
  assert.ok(passed.every(({ length }) => length <= 10_000));
});

test("limit: without a rate nothing is cut up", async () => {
  assert.deepEqual(
    (await gathered(limitRate(chunks(2, 1 << 20), undefined))).map(({ length }) => length),
    [1 << 20, 1 << 20],
  );
});

test("limit: waiting ends with the signal", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(gathered(limitRate(chunks(2, 10), 1, controller.signal)), { name: "AbortError" });
});
