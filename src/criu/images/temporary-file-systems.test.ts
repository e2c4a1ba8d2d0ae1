import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listTemporaryFileSystems } from "./temporary-file-systems.ts";

/** A folder with an archive of what `fill` has made, packed as CRIU does it (criu/filesystems.c, tmpfs_dump). */
async function archived(fill: (root: string) => Promise<void>): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "tmpfs-"));
  const root = join(path, "root");
  await mkdir(root);
  await fill(root);
  const options = ["--gzip", "--no-unquote", "--no-wildcards", "--one-file-system", "--check-links", "--preserve-permissions"];
  const archive = join(path, "tmpfs-dev-44.tar.gz.img");
  execFileSync("tar", ["--create", ...options, "--sparse", "--numeric-owner", "--file", archive, "--directory", root, "."]);
  await rm(root, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function list(fill: (root: string) => Promise<void>): Promise<string[]> {
  await using folder = await archived(fill);
  const found = await listTemporaryFileSystems(folder.path);
  assert.deepEqual([...found.keys()], [44]);
  return found
    .get(44)!
    .map(({ name, type }) => `${type} ${name}`)
    .toSorted();
}

test("tmpfs: an empty one", async () => {
  assert.deepEqual(await list(async () => {}), []);
});

test("tmpfs: files of all kinds, with any names", async () => {
  const long = "l".repeat(200);
  const found = await list(async (root) => {
    await mkdir(join(root, "folder/below"), { recursive: true });
    await writeFile(join(root, "folder/below/file"), "x".repeat(100_000));
    await writeFile(join(root, "a b\nc"), "");
    await writeFile(join(root, long), "");
    await symlink("/proc/self/fd", join(root, "fd"));
    execFileSync("mknod", [join(root, "null"), "c", "1", "3"]);
    execFileSync("mkfifo", [join(root, "fifo")]);
  });
  assert.deepEqual(found, [
    "character-device null",
    "directory folder",
    "directory folder/below",
    "fifo fifo",
    "file a b\nc",
    "file folder/below/file",
    `file ${long}`,
    "symlink fd",
  ]);
});

test("tmpfs: a sparse file ends the list, but is in it", async () => {
  const found = await list(async (root) => {
    for (let piece = 0; piece < 20; piece++) {
      await truncate(join(root, "sparse"), piece * 1_000_000).catch(() => {});
      await writeFile(join(root, "sparse"), "data".repeat(2000), { flag: "a" });
    }
  });
  assert.deepEqual(found, ["file sparse"]);
});

test("tmpfs: a very long list is cut", async () => {
  const found = await list(async (root) => {
    await Promise.all(Array.from({ length: 1500 }, (_, index) => writeFile(join(root, `file${index}`), "")));
  });
  assert.equal(found.length, 1000);
});

test("tmpfs: a damaged archive is an error", async () => {
  await using folder = await archived((root) => writeFile(join(root, "file"), crypto.getRandomValues(Buffer.alloc(50_000))));
  const archive = join(folder.path, "tmpfs-dev-44.tar.gz.img");
  for (const length of [20_000, 100, 3]) {
    await truncate(archive, length);
    await assert.rejects(listTemporaryFileSystems(folder.path), { code: "image-corrupt", message: /tmpfs-dev-44/ });
  }
  await writeFile(archive, "no archive");
  await assert.rejects(listTemporaryFileSystems(folder.path), { code: "image-corrupt" });
});

test("tmpfs: other files are left", async () => {
  await using folder = await archived(async () => {});
  await writeFile(join(folder.path, "tmpfs-dev-x.tar.gz.img"), "");
  await writeFile(join(folder.path, "pages-1.img"), "");
  assert.equal((await listTemporaryFileSystems(folder.path)).size, 1);
});
