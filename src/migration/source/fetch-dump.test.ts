import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { describeFiles } from "../../checkpoint/manifest.ts";
import { type CuttableHost, openCuttableSsh } from "../../transfer/testing/link-over-ssh.ts";
import { makeNoisyPackage, type NoisyPackage } from "../../transfer/testing/noisy-package.ts";
import { fetchDump } from "./fetch-dump.ts";

const MiB = 1 << 20;
const size = 60 * MiB;
let folder: string;
let dump: NoisyPackage;
let cuttable: CuttableHost;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fetch-"));
  dump = await makeNoisyPackage(size);
  cuttable = await openCuttableSsh();
});
after(async () => {
  await cuttable[Symbol.asyncDispose]();
  await dump[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("fetch: a dump comes as it is, also by a link that breaks, and goes on where it broke", async () => {
  const { host, link } = cuttable;
  const here = join(folder, "images");
  const told: number[] = [];
  let isCut = false;
  let lost = 0;
  let atBreak = 0;
  const outcome = await fetchDump(host, dump.directory, here, {
    patienceMs: 60_000,
    onBytes(bytes, total) {
      assert.equal(total, size + 4);
      if (lost === 1 && told.length === 0) atBreak = bytes;
      if (lost === 1) told.push(bytes);
      if (isCut || bytes < size / 2) return;
      isCut = true;
      void link.cut().then(link.mend);
    },
    onLink: (state) => void (state === "lost" && lost++),
  });
  assert.equal(outcome, "fetched 60.0 MiB");
  assert.equal(lost, 1);
  assert.ok(atBreak > size / 4, `it went on at ${atBreak}`);
  assert.equal(told.at(-1), size + 4);
  assert.deepEqual(await describeFiles(here), await describeFiles(dump.directory));
});

test("fetch: what is in its place is removed first, and a folder that is not there is an error that names the machine", async () => {
  const { host } = cuttable;
  const here = join(folder, "images");
  await writeFile(join(here, "older.img"), "of an earlier dump");
  await fetchDump(host, dump.directory, here, { patienceMs: 0, onBytes: () => {} });
  assert.deepEqual(await describeFiles(here), await describeFiles(dump.directory));
  await assert.rejects(fetchDump(host, join(folder, "none"), here, { patienceMs: 0, onBytes: () => {} }), {
    code: "command-failed",
    host: "ssh://cut",
  });
});
