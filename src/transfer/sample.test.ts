import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openLocalHost } from "../host/local.ts";
import { sampleFolder, sampleMemory } from "./sample.ts";

test("sample: of the largest file of a folder, evenly spread and at most 4 MiB", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "sample-"));
  context.after(() => rm(folder, { recursive: true }));
  assert.equal((await sampleFolder(folder)).length, 0);
  await writeFile(join(folder, "small"), Buffer.alloc(10_000, 1));
  const content = Buffer.concat([Buffer.alloc(10 << 20), randomBytes(10 << 20)]);
  await writeFile(join(folder, "large"), content);
  const sample = await sampleFolder(folder);
  assert.ok(sample.length > 3 << 20 && sample.length <= 4 << 20, String(sample.length));
  const zeros = sample.filter((byte) => byte === 0).length / sample.length;
  assert.ok(zeros > 0.4 && zeros < 0.6, String(zeros));
});

test("sample: of the memory of a process that runs", async () => {
  const mark = randomBytes(16 << 20);
  const sample = await sampleMemory(openLocalHost(), process.pid);
  assert.ok(sample.length > 1 << 20 && sample.length <= 4 << 20, String(sample.length));
  assert.equal(mark.length, 16 << 20);
  assert.ok(sample.some((byte) => byte !== 0));
});

test("sample: a process that has ended", async () => {
  await assert.rejects(sampleMemory(openLocalHost(), 2 ** 22 + 1), { code: "command-failed" });
});
