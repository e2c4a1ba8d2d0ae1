import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { openHost } from "../host/open.ts";
import { startSshd } from "../host/testing/sshd.ts";
import { chooseCodec, namedCodec } from "./choose-codec.ts";
import { codecNames, codecs } from "./codec.ts";

test("choose: on a slow link what compresses best of all that both machines have", { timeout: 120_000 }, async () => {
  await using sshd = await startSshd();
  await using host = await openHost(sshd.target, { configFile: sshd.configFile });
  const compressible = Buffer.alloc(1 << 20, "memory that compresses well");
  const { codec, measured } = await chooseCodec(host, compressible, { bytesPerSecond: 1 << 16 });
  assert.notEqual(codec.name, "none");
  assert.deepEqual(
    measured.map(({ name }) => name),
    codecNames,
  );
  const rate = (name: string) => measured.find((one) => one.name === name)!.bytesPerSecond;
  assert.ok(rate(codec.name) === Math.max(...measured.map(({ bytesPerSecond }) => bytesPerSecond)));
  // Sixteen seconds for it: it was given up, or was measured as slow as the link.
  assert.ok(rate("none") <= 1.1 * 2 ** 16, String(rate("none")));
});

test("choose: a rate is found also for what can't be compressed", { timeout: 120_000 }, async () => {
  await using host = await openHost("local");
  const { codec, measured } = await chooseCodec(host, randomBytes(1 << 20));
  assert.ok(measured.find(({ name }) => name === codec.name)!.bytesPerSecond > 0);
  assert.equal(measured.length, codecNames.length);
  assert.deepEqual(await chooseCodec(host, Buffer.alloc(0)), { codec: codecs.none, measured: [], bytesSent: 0 });
});

test("choose: no more goes over the link for it than it may cost", { timeout: 120_000 }, async () => {
  await using host = await openHost("local");
  const mostBytes = 500_000;
  for (const sample of [randomBytes(4 << 20), Buffer.alloc(4 << 20, "memory that compresses well")]) {
    const { bytesSent, measured } = await chooseCodec(host, sample, { mostBytes });
    // Frames and headers of what can't be compressed come on top.
    assert.ok(bytesSent > 1000 && bytesSent < 1.01 * mostBytes, String(bytesSent));
    assert.equal(measured.length, codecNames.length);
  }
});

test("choose: a codec that a machine has no program for is refused by name", async () => {
  await using host = await openHost("local");
  assert.equal((await namedCodec(host, "gzip")).name, "gzip");
  const without = Object.assign(Object.create(host), {
    name: "ssh://bare",
    script: (text: string, parameters: string[]) => host.script(`PATH=/nowhere; ${text}`, parameters),
  });
  await assert.rejects(namedCodec(without, "zstd"), { code: "usage", host: "ssh://bare", message: /no program `zstd`/ });
  assert.equal((await namedCodec(without, "none")).name, "none");
});
