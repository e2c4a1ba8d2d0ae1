import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sendFiles } from "./send-files.ts";
import { type CuttableHost, openCuttableSsh } from "./testing/link-over-ssh.ts";
import { makeNoisyPackage, type NoisyPackage } from "./testing/noisy-package.ts";
import { testTenBreaks } from "./testing/ten-breaks.ts";

const MiB = 1 << 20;
let folder: string;
let noisy: NoisyPackage;
let cuttable: CuttableHost;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "broken-link-"));
  noisy = await makeNoisyPackage(300 * MiB);
  cuttable = await openCuttableSsh();
});
after(async () => {
  await cuttable[Symbol.asyncDispose]();
  await noisy[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("send: a link that breaks at any of ten places costs at most 5 % more, and all arrives as it was", async (context) => {
  const { host } = cuttable;
  const socket = await host.unixSocket("/nowhere");
  await testTenBreaks(cuttable, noisy, join(folder, "arrived"), context);
  assert.equal(await host.unixSocket("/nowhere"), socket);
});

test("send: a machine that stays away is given up, with what to do", { timeout: 60_000 }, async () => {
  const { host, link } = cuttable;
  const destination = { host, directory: join(folder, "away") };
  const sending = sendFiles(noisy.directory, noisy.files, destination, {
    patienceMs: 1500,
    onBytes: (done) => void (done > 10 * MiB && link.cut()),
  });
  await assert.rejects(sending, {
    code: "target-unreachable",
    host: "ssh://cut",
    message: /stayed away for 2 s/,
    remedy: /--reconnect/,
  });
  await link.mend();
  await host.reconnect();
  assert.equal(await host.must(["echo", "back"]), "back\n");
});
