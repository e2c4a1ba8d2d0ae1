import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { openLocalHost } from "../host/local.ts";
import { describeFiles, type Manifest } from "./manifest.ts";
import { sendPackage } from "./send.ts";

const host = openLocalHost();
let folder: string;
let source: string;
let manifest: Manifest;
const size = 5_000_000;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "send-"));
  source = join(folder, "package");
  await mkdir(source);
  await writeFile(join(source, "pages-1.img"), Buffer.alloc(size, "pages"));
  await writeFile(join(source, "empty"), "");
  const files = await describeFiles(source);
  const from = { container: "web", containerId: "1", image: "sha256:1", architecture: "x86_64", kernel: "6" };
  manifest = { format: 1, tool: "0", created: "", source: from, files };
  await writeFile(join(source, "manifest.json"), JSON.stringify(manifest));
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await host.close();
});

test("send: all files arrive as they are, for their owner only", async () => {
  const destination = join(folder, "a new/place's");
  const seen: number[] = [];
  const bytes = await sendPackage(source, manifest, host, destination, { onBytes: (done) => seen.push(done) });
  assert.deepEqual((await readdir(destination)).toSorted(), ["empty", "manifest.json", "pages-1.img"]);
  assert.equal(Buffer.compare(await readFile(join(destination, "pages-1.img")), await readFile(join(source, "pages-1.img"))), 0);
  assert.equal((await stat(destination)).mode & 0o777, 0o700);
  for (const name of await readdir(destination)) assert.equal((await stat(join(destination, name))).mode & 0o777, 0o600, name);
  assert.ok(bytes > size && bytes < size + 20_000, String(bytes));
  assert.equal(seen.at(-1), bytes);
});

test("send: a full disk is told as such", async () => {
  const destination = join(folder, "small");
  await mkdir(destination);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", destination]);
  try {
    await assert.rejects(sendPackage(source, manifest, host, destination), {
      code: "no-space",
      host: "local",
      message: `the disk that holds ${destination} is full`,
      remedy: /df -h/,
    });
  } finally {
    execFileSync("umount", [destination]);
  }
});

test("send: a place where nothing can be written", async () => {
  await writeFile(join(folder, "file"), "");
  await assert.rejects(sendPackage(source, manifest, host, join(folder, "file/below")), {
    code: "transfer-failed",
    host: "local",
    message: /Not a directory/,
  });
});

test("send: a file that has gone, or shrinks meanwhile", async () => {
  const gone = { ...manifest, files: [...manifest.files, { name: "gone", size: 1, sha256: "" }] };
  await assert.rejects(sendPackage(source, gone, host, join(folder, "gone")), /gone/);
  const copy = join(folder, "copy");
  execFileSync("cp", ["-r", source, copy]);
  const shrink = { onBytes: (done: number) => (done > 1_000_000 ? void truncate(join(copy, "pages-1.img"), 10) : undefined) };
  await assert.rejects(sendPackage(copy, manifest, host, join(folder, "shrunk"), shrink), (error: Error) => error.message !== "");
});

test("send: it can be cancelled, and then nothing goes on", { timeout: 20_000 }, async () => {
  const controller = new AbortController();
  const onBytes = (done: number) => {
    if (done > 1_000_000) controller.abort();
  };
  await assert.rejects(sendPackage(source, manifest, host, join(folder, "cancelled"), { onBytes, signal: controller.signal }), {
    code: "cancelled",
  });
});

test("send: a machine that goes away", { timeout: 20_000 }, async () => {
  const error = new MigrationError("target-unreachable", "the connection broke", { host: "ssh://board" });
  const away = {
    name: "ssh://board",
    script: async (_text: string, _parameters: string[], { input }: { input: AsyncIterable<Buffer> }) => {
      for await (const _ of input) break;
      throw error;
    },
  } as unknown as Host;
  await assert.rejects(sendPackage(source, manifest, away, "/x"), error);
});
