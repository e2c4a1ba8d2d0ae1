import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { pack } from "tar-stream";
import { stageImage } from "./image-archive.ts";

const config = Buffer.from('{"architecture":"amd64"}');
const layers = [randomBytes(100_000), randomBytes(300_000), randomBytes(5)];
const digest = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const hex = (bytes: Buffer) => digest(bytes).slice("sha256:".length);

async function archive(entries: readonly (readonly [string, Buffer | string])[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of entries) {
    if (name.endsWith("/")) tar.entry({ name, type: "directory" });
    else if (content === "link") tar.entry({ name, type: "symlink", linkname: "../1/layer.tar" });
    else tar.entry({ name }, content);
  }
  tar.finalize();
  return buffer(tar as unknown as Readable);
}

// As Docker 20.10 and Docker 28 write them.
const old = () =>
  archive([
    ...layers.flatMap((layer, index) => [
      [`${index}/`, ""] as const,
      [`${index}/VERSION`, "1.0"] as const,
      [`${index}/layer.tar`, layer] as const,
    ]),
    ["3/layer.tar", "link"],
    [`${hex(config)}.json`, config],
    ["manifest.json", "[]"],
  ]);
const oci = () =>
  archive([
    ["blobs/", ""],
    ["blobs/sha256/", ""],
    ...[config, ...layers].map((part) => [`blobs/sha256/${hex(part)}`, part] as const),
    ["index.json", "{}"],
    ["manifest.json", "[]"],
    ["oci-layout", "{}"],
  ]);

const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("migrate-image-"));

for (const [layout, make] of Object.entries({ "before Docker 25": old, "since Docker 25": oci })) {
  test(`archive: the wanted parts are found in the layout ${layout}`, async () => {
    const [, second = Buffer.alloc(0), third = Buffer.alloc(0)] = layers;
    const staged = await stageImage(Readable.from([await make()]), {
      wanted: [digest(config), digest(second), digest(third)],
      host: "local",
    });
    for (const part of [config, second, third]) assert.ok((await readFile(staged.file(digest(part)))).equals(part));
    const folder = staged.file("x").replace(/\/x$/, "");
    assert.equal((await readdir(folder)).length, 3);
    await staged[Symbol.asyncDispose]();
    await assert.rejects(readdir(folder), { code: "ENOENT" });
  });
}

test("archive: what is missing or broken off is an error, and nothing stays behind", async () => {
  const before = await folders();
  const whole = await old();
  const other = digest(randomBytes(3));
  await assert.rejects(stageImage(Readable.from([whole]), { wanted: [other], host: "ssh://x" }), {
    code: "transfer-failed",
    host: "ssh://x",
    message: new RegExp(other),
  });
  const wanted = [digest(layers[1] ?? Buffer.alloc(0))];
  await assert.rejects(stageImage(Readable.from([whole.subarray(0, 200_000)]), { wanted, host: "x" }), {
    code: "transfer-failed",
  });
  const breaking = Readable.from(
    (function* () {
      yield whole.subarray(0, 150_000);
      throw new Error("link lost");
    })(),
  );
  await assert.rejects(stageImage(breaking, { wanted, host: "x" }), { code: "transfer-failed", message: /link lost/ });
  const changed = Buffer.from(whole);
  const at = changed.indexOf(layers[1] ?? "") + 1000;
  changed[at] = (changed[at] ?? 0) ^ 1;
  await assert.rejects(stageImage(Readable.from([changed]), { wanted, host: "x" }), {
    code: "transfer-failed",
    message: /lacks sha256/,
  });
  assert.deepEqual(await folders(), before);
});
