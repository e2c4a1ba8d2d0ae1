import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { packUpper } from "../../engine/docker/upper.ts";
import { openLocalHost } from "../../host/local.ts";
import { defaultLimits } from "../archive/limits.ts";
import { ByteReader } from "../tar/byte-reader.ts";
import { checkRootfsTar } from "./check-rootfs-tar.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "rootfs-"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("rootfs: all that a writable layer may hold passes, as GNU tar packs it", async () => {
  const layer = join(folder, "layer");
  await mkdir(join(layer, "etc/deep"), { recursive: true });
  await writeFile(join(layer, "etc/file"), "content");
  await writeFile(join(layer, "etc/empty"), "");
  await writeFile(join(layer, "etc/ünïcode \n name"), "x");
  await link(join(layer, "etc/file"), join(layer, "etc/second-name"));
  await symlink("/etc/shadow", join(layer, "etc/absolute"));
  await symlink("../../../../outside", join(layer, "etc/deep/up"));
  await symlink(`/${"long/".repeat(50)}`, join(layer, "long-target"));
  const long = join(layer, ...Array.from({ length: 5 }, () => "n".repeat(100)));
  await mkdir(long, { recursive: true });
  await writeFile(join(long, "f".repeat(255)), "x");
  execFileSync("mknod", [join(layer, "etc/deleted"), "c", "0", "0"]);
  execFileSync("mkfifo", [join(layer, "fifo")]);
  // A file with holes, with more pieces than one block of its map holds.
  const sparse = join(layer, "sparse");
  await writeFile(sparse, "");
  await truncate(sparse, 500_000_000);
  await using file = await open(sparse, "r+");
  for (let piece = 0; piece < 100; piece++) await file.write("x", piece * 4_000_000);
  await truncate(join(layer, "etc/empty"), 1_000_000);
  execFileSync("python3", [
    "-c",
    `import os, sys
layer = sys.argv[1]
os.setxattr(layer + "/etc/deep", "trusted.overlay.opaque", b"y")
os.setxattr(layer + "/etc/file", "user.note", b"binary \\x00\\xff")
os.setxattr(layer + "/etc/file", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
open(layer.encode() + b"/etc/latin-\\xe9", "w").close()
open(layer.encode() + b"/etc/latin-\\xe8", "w").close()
open(layer.encode() + b"/etc/" + b"\\xe9" * 200, "w").close()
os.utime(layer + "/etc/deep", ns=(-1_500_000_000, 1))
os.chown(layer + "/etc/deep", 4_000_000_000, 3_000_000)`,
    layer,
  ]);
  await using host = openLocalHost();
  await using reader = new ByteReader(packUpper(host, layer));
  const { entries } = await checkRootfsTar(reader, defaultLimits);
  const files = execFileSync("find", [layer, "-print0"], { encoding: "latin1" }).split("\0").length - 1;
  assert.equal(entries, files);
});

test("rootfs: an empty layer passes", async () => {
  const layer = join(folder, "empty");
  await mkdir(layer);
  await using host = openLocalHost();
  await using reader = new ByteReader(packUpper(host, layer));
  assert.deepEqual(await checkRootfsTar(reader, defaultLimits), { entries: 1 });
});
