import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, link, mkdir, mkdtemp, readFile, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { archiveOf, compressedImageOf, listTemporaryFileSystems } from "./temporary-file-systems.ts";

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
    .filter(({ name }) => name !== "")
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

test("tmpfs: attributes, links, and where contents are in the uncompressed archive", async () => {
  await using folder = await archived(async (root) => {
    await chmod(root, 0o1777);
    await writeFile(join(root, "file"), "contents");
    await chmod(join(root, "file"), 0o640);
    await chown(join(root, "file"), 1234, 3_000_000); // more than octal digits hold
    await utimes(join(root, "file"), 1, 1_700_000_000);
    await link(join(root, "file"), join(root, "twin"));
    await symlink("t".repeat(150), join(root, "symlink"));
  });
  const files = (await listTemporaryFileSystems(folder.path)).get(44)!;
  const find = (name: string) => files.find((file) => file.name === name)!;
  assert.equal(find("").mode, 0o1777);
  const [first, second] = find("twin").type === "link" ? ["file", "twin"] : ["twin", "file"];
  const { mode, uid, gid, modified, size, pieces } = find(first);
  assert.deepEqual([mode, uid, gid, modified, size], [0o640, 1234, 3_000_000, 1_700_000_000n, 8n]);
  assert.equal(find(second).target, first);
  assert.equal(find("symlink").target, "t".repeat(150));
  const archive = gunzipSync(await readFile(join(folder.path, compressedImageOf(archiveOf(44))!)));
  assert.deepEqual(
    pieces.map(({ length, archiveOffset }) => archive.toString("utf8", Number(archiveOffset), Number(archiveOffset + length))),
    ["contents"],
  );
});

test("tmpfs: sparse files with many holes, an empty one, and what follows them", async () => {
  await using folder = await archived(async (root) => {
    for (let piece = 1; piece <= 60; piece++) {
      await truncate(join(root, "sparse"), piece * 1_000_000).catch(() => {});
      await writeFile(join(root, "sparse"), `piece ${piece}`.repeat(1000), { flag: "a" });
    }
    await truncate(join(root, "sparse"), 100_000_000);
    await writeFile(join(root, "hole"), "");
    await truncate(join(root, "hole"), 9_000_000_000);
    await writeFile(join(root, "zz"), "behind");
  });
  const files = (await listTemporaryFileSystems(folder.path)).get(44)!;
  const find = (name: string) => files.find((file) => file.name === name)!;
  const archive = gunzipSync(await readFile(join(folder.path, "tmpfs-dev-44.tar.gz.img")));
  const sparse = Buffer.alloc(100_000_000);
  for (const { offset, length, archiveOffset } of find("sparse").pieces)
    archive.copy(sparse, Number(offset), Number(archiveOffset), Number(archiveOffset + length));
  assert.equal(find("sparse").size, 100_000_000n);
  assert.ok(find("sparse").pieces.length >= 60);
  for (let piece = 2; piece <= 60; piece++) {
    const start = sparse.indexOf(`piece ${piece}piece`);
    assert.equal(start, piece * 1_000_000);
    assert.equal(sparse.toString("utf8", start, start + `piece ${piece}`.length * 1000), `piece ${piece}`.repeat(1000));
  }
  assert.deepEqual([find("hole").size, find("hole").pieces], [9_000_000_000n, []]);
  assert.equal(find("zz").size, 6n);
});

test("tmpfs: a very long list is whole", async () => {
  const found = await list(async (root) => {
    await Promise.all(Array.from({ length: 1500 }, (_, index) => writeFile(join(root, `file${index}`), "")));
  });
  assert.equal(found.length, 1500);
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
