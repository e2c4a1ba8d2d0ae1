import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { describeFiles } from "../checkpoint/manifest.ts";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openLocalHost } from "../host/local.ts";
import { codecNames, codecs } from "./codec.ts";
import { type FileToSend, sendFiles } from "./send-files.ts";
import { hostWith } from "./testing/host-with.ts";
import { makeNoisyPackage } from "./testing/noisy-package.ts";

const host = openLocalHost();
let folder: string;
let source: string;
const size = 5_000_000;
const files: readonly FileToSend[] = [
  { name: "pages-1.img", size },
  { name: "empty", size: 0 },
  { name: "random", size: 3 << 20 },
  { name: "small", size: 5 },
];
const total = files.reduce((sum, file) => sum + file.size, 0);
const patience = { patienceMs: 10_000 };
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "send-"));
  source = join(folder, "package");
  await mkdir(source);
  await writeFile(join(source, "pages-1.img"), Buffer.alloc(size, "pages"));
  await writeFile(join(source, "random"), randomBytes(3 << 20));
  await writeFile(join(source, "empty"), "");
  await writeFile(join(source, "small"), "small");
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await host.close();
});

for (const name of codecNames) {
  test(`send: all files arrive as they are, for their owner only, with the codec ${name}`, async () => {
    const directory = join(folder, `a new/place's ${name}`);
    const seen: number[] = [];
    const options = { ...patience, codec: codecs[name], onBytes: (done: number) => seen.push(done) };
    const bytes = await sendFiles(source, files, { host, directory }, options);
    assert.deepEqual((await readdir(directory)).toSorted(), files.map((file) => file.name).toSorted());
    for (const file of files) {
      const [sent, arrived] = [await readFile(join(source, file.name)), await readFile(join(directory, file.name))];
      assert.equal(Buffer.compare(arrived, sent), 0, file.name);
      assert.equal((await stat(join(directory, file.name))).mode & 0o777, 0o600, file.name);
    }
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal(seen.at(-1), total);
    if (name === "none") assert.ok(bytes > total && bytes < total + 20_000, String(bytes));
    else assert.ok(bytes > 3 << 20 && bytes < total - 4_000_000, String(bytes));
  });
}

for (const name of codecNames) {
  test(`send: more than may be under way at once arrives, with the codec ${name}`, { timeout: 60_000 }, async () => {
    await using noisy = await makeNoisyPackage(30 << 20);
    const directory = join(folder, `large ${name}`);
    await sendFiles(noisy.directory, noisy.files, { host, directory }, { ...patience, codec: codecs[name] });
    assert.deepEqual(await describeFiles(directory), await describeFiles(noisy.directory));
  });
}

test("send: a machine that has busybox's tools only, which don't tell how far they are", async () => {
  await using tools = await hostWith({ programs: ["busybox"], applets: ["tar", "dd", "mkdir", "chmod", "wc"] });
  await using noisy = await makeNoisyPackage(20 << 20);
  const directory = join(folder, "busybox");
  for (const there of ["nothing", "its begin"]) {
    if (there === "its begin") await truncate(join(directory, "pages-1.img"), 5 << 20);
    await sendFiles(noisy.directory, noisy.files, { host: tools.host, directory }, patience);
    assert.deepEqual(await describeFiles(directory), await describeFiles(noisy.directory));
  }
});

test("send: what is there already is not sent again", async () => {
  const directory = join(folder, "half");
  await mkdir(directory);
  await writeFile(join(directory, "pages-1.img"), (await readFile(join(source, "pages-1.img"))).subarray(0, 3_500_000));
  await writeFile(join(directory, "random"), await readFile(join(source, "random")));
  const bytes = await sendFiles(source, files, { host, directory }, patience);
  // From the last whole MiB on, and the small files.
  assert.ok(bytes > size - 3_500_000 && bytes < size - (3 << 20) + 20_000, String(bytes));
  assert.equal(Buffer.compare(await readFile(join(directory, "pages-1.img")), await readFile(join(source, "pages-1.img"))), 0);
});

test("send: a full disk is told as such", async () => {
  const directory = join(folder, "small");
  await mkdir(directory);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]);
  try {
    for (const codec of [codecs.none, codecs.zstd]) {
      await assert.rejects(sendFiles(source, files, { host, directory }, { ...patience, codec }), {
        code: "no-space",
        host: "local",
        message: `the disk that holds ${directory} is full`,
        remedy: /df -h/,
      });
    }
  } finally {
    execFileSync("umount", [directory]);
  }
});

test("send: a place where nothing can be written", async () => {
  await writeFile(join(folder, "file"), "");
  await assert.rejects(sendFiles(source, files, { host, directory: join(folder, "file/below") }, patience), {
    code: "transfer-failed",
    host: "local",
    message: /Not a directory/,
  });
});

test("send: a file that has gone, or shrinks meanwhile", async () => {
  const gone = [...files, { name: "gone", size: 1 }];
  await assert.rejects(sendFiles(source, gone, { host, directory: join(folder, "gone") }, patience), /gone/);
  const copy = join(folder, "copy");
  execFileSync("cp", ["-r", source, copy]);
  await truncate(join(copy, "pages-1.img"), 10);
  await assert.rejects(sendFiles(copy, files, { host, directory: join(folder, "shrunk") }, patience), {
    code: "transfer-failed",
    message: /pages-1\.img has 10 bytes here, and had 5000000/,
  });
});

test("send: it can be cancelled, and then nothing goes on", { timeout: 20_000 }, async () => {
  const controller = new AbortController();
  const onBytes = (done: number) => {
    if (done > 1_000_000) controller.abort();
  };
  const options = { ...patience, onBytes, signal: controller.signal, bytesPerSecond: 1_000_000 };
  await assert.rejects(sendFiles(source, files, { host, directory: join(folder, "cancelled") }, options), { code: "cancelled" });
});

test("send: a machine that stays away", { timeout: 20_000 }, async () => {
  const error = new MigrationError("target-unreachable", "the connection broke", { host: "ssh://board" });
  const away = {
    name: "ssh://board",
    script: () => Promise.reject(error),
    reconnect: () => Promise.reject(error),
  } as unknown as Host;
  await assert.rejects(sendFiles(source, files, { host: away, directory: "/x" }, { patienceMs: 100 }), {
    code: "target-unreachable",
    host: "ssh://board",
    message: /stayed away for 0 s: the connection broke/,
  });
});
