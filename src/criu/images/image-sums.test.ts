import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ImageDirectory } from "../testing/image-directory.ts";
import { writeSumsScript } from "./image-sums.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

async function summed(): Promise<ImageDirectory> {
  const directory = await ImageDirectory.minimal();
  await directory.raw("pages-1.img", Buffer.alloc(4096));
  await directory.raw("descriptors.json", Buffer.from("[]"));
  await promisify(execFile)("sh", ["-euc", writeSumsScript, "sh", directory.path]);
  return directory;
}

test("sums: images with their sums are opened, and sha256sum itself can check them", async () => {
  await using directory = await summed();
  (await openCheckpoint(directory.path)).close();
  const { stdout } = await promisify(execFile)("sha256sum", ["--check", "SHA256SUMS"], { cwd: directory.path });
  const rest = (await readdir(directory.path)).filter((name) => !["SHA256SUMS", "pages-1.img"].includes(name));
  assert.deepEqual(stdout.trim().split("\n").toSorted(), rest.map((name) => `${name}: OK`).toSorted());
});

test("sums: those that a user made of all images, pages too, are as good", async () => {
  await using directory = await summed();
  await promisify(execFile)("sh", ["-c", "sha256sum --binary *.img >SHA256SUMS"], { cwd: directory.path });
  (await openCheckpoint(directory.path)).close();
});

const damages: Readonly<Record<string, readonly [(directory: ImageDirectory) => Promise<void>, RegExp]>> = {
  "a flipped bit": [(directory) => flip(directory, "core-7.img"), /core-7\.img differs/],
  "a missing image": [(directory) => directory.remove("core-7.img"), /core-7\.img is missing/],
  "a missing inventory": [(directory) => directory.remove("inventory.img"), /inventory\.img is missing/],
  "an image too many": [(directory) => directory.raw("fs-1.img", new Uint8Array()), /fs-1\.img is not among them/],
  "an image that is a link": [
    async (directory) => {
      await directory.remove("core-7.img");
      await symlink("core-1.img", join(directory.path, "core-7.img"));
    },
    /core-7\.img is missing/,
  ],
  "a sum of a file elsewhere": [
    (directory) => directory.raw("SHA256SUMS", Buffer.from(`${"0".repeat(64)}  ../secret\n`)),
    /line 1 is not what sha256sum writes/,
  ],
};

for (const [what, [damage, message]] of Object.entries(damages)) {
  test(`sums: ${what} is named`, async () => {
    await using directory = await summed();
    await damage(directory);
    await assert.rejects(openCheckpoint(directory.path), { code: "image-corrupt", message });
  });
}

async function flip(directory: ImageDirectory, name: string): Promise<void> {
  const bytes = await readFile(join(directory.path, name));
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(join(directory.path, name), bytes);
}
