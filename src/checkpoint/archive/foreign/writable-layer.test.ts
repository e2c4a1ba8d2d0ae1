import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { checkRootfsTar } from "../../rootfs/check-rootfs-tar.ts";
import { ByteReader } from "../../tar/byte-reader.ts";
import { type RawEntry, rawTar } from "../../testing/raw-tar.ts";
import { defaultLimits } from "../limits.ts";
import { type ForeignLayer, type ReadFolder, writableLayer } from "./writable-layer.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "layer-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Unpacks it as the target does. @returns the folder */
async function unpacked(what: string, layer: ForeignLayer, readFolder: ReadFolder): Promise<string> {
  const bytes = await buffer(writableLayer(layer, readFolder));
  await using reader = new ByteReader(Readable.from([bytes]));
  await checkRootfsTar(reader, defaultLimits);
  const place = join(folder, what);
  await mkdir(place);
  execFileSync(
    "tar",
    ["--extract", "--same-owner", "--preserve-permissions", "--delay-directory-restore", "--directory", place],
    {
      input: bytes,
    },
  );
  return place;
}

async function layerOf(what: string, entries: readonly RawEntry[], deletedFiles: readonly string[]): Promise<ForeignLayer> {
  const upper = join(folder, `${what}.tar`);
  await writeFile(upper, rawTar(entries));
  return { upper, deletedFiles };
}

const attributes = async (path: string) => {
  const { mode, uid, gid, rdev } = await stat(path);
  return { mode: (mode & 0o7777).toString(8), uid, gid, rdev };
};

test("writable layer: folders on the way are the image's, what was deleted is a whiteout", async () => {
  const entries = [
    { name: "tmp/count", content: Buffer.from("7") },
    { name: "new/", typeFlag: "5", mode: 0o750 },
    { name: "new/file" },
  ];
  const asked: string[] = [];
  const place = await unpacked("plain", await layerOf("plain", entries, ["var/lib/gone", "etc"]), async (path) => {
    asked.push(path);
    return path === "var/lib" ? undefined : { mode: 0o1777, uid: 7, gid: 3_000_000, modified: 1 };
  });
  assert.deepEqual(asked, ["tmp", "var", "var/lib"]);
  assert.deepEqual(await attributes(join(place, "tmp")), { mode: "1777", uid: 7, gid: 3_000_000, rdev: 0 });
  assert.equal((await attributes(join(place, "new"))).mode, "750");
  for (const path of ["var/lib/gone", "etc"]) {
    const status = await stat(join(place, path));
    assert.deepEqual([status.isCharacterDevice(), status.rdev], [true, 0]);
  }
});

test("writable layer: containerd's marks are whiteouts, also of names that are long or not UTF-8", async () => {
  const long = `${"n".repeat(90)}/${"f".repeat(90)}`;
  const bytes = Buffer.from([0x2e, 0x77, 0x68, 0x2e, 0xe9]); // .wh.é in Latin-1
  const entries: RawEntry[] = [
    { name: "x", records: [["path", `${long.replace("/", "/.wh.")}`]] },
    { name: "x", edit: (header) => header.fill(0, 0, 100).set(bytes) },
    { name: "kept" },
  ];
  const place = await unpacked("marks", await layerOf("marks", entries, []), async () => undefined);
  assert.ok((await stat(join(place, long))).isCharacterDevice());
  const latin = Buffer.concat([Buffer.from(`${place}/`), Buffer.from([0xe9])]);
  assert.ok((await stat(latin)).isCharacterDevice());
  assert.ok((await stat(join(place, "kept"))).isFile());
  assert.doesNotMatch(execFileSync("find", [place], { encoding: "latin1" }), /\.wh\./);
});

test("writable layer: a container that wrote nothing has an empty one", async () => {
  const place = await unpacked("nothing", { upper: undefined, deletedFiles: [] }, async () => undefined);
  assert.equal(execFileSync("find", [place, "-mindepth", "1"], { encoding: "utf8" }), "");
});
