import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { dockerProgram } from "../../../lab/docker.ts";
import { archivedImage } from "./archived-image.ts";

const name = "migrate-container/archived-image-test:1";
const docker = async (...words: readonly string[]) => (await execa(dockerProgram, words)).stdout;

let folder: string;
let path: string;
let id: string;
let architecture: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "archived-image-"));
  path = join(folder, "image.tar");
  const empty = await execa("tar", ["--create", "--files-from", "/dev/null"], { encoding: "buffer" });
  await execa(dockerProgram, ["import", "-", name], { input: empty.stdout });
  id = await docker("image", "inspect", "--format", "{{.Id}}", name);
  architecture = await docker("image", "inspect", "--format", "{{.Architecture}}", name);
  await docker("save", "--output", path, name);
});

after(async () => {
  await docker("image", "rm", name);
  await rm(folder, { recursive: true });
});

test("archived image: its id and architecture are found, compressed or not", async () => {
  assert.deepEqual(await archivedImage(path), { id, architecture });
  const compressed = join(folder, "image.tar.gz");
  await writeFile(compressed, gzipSync(await readFile(path)));
  assert.deepEqual(await archivedImage(compressed), { id, architecture });
});

test("archived image: what is none, or more than one, is refused with the way to make one", async () => {
  const two = join(folder, "two.tar");
  await docker("tag", name, `${name}2`);
  const other = await execa("sh", ["-c", `printf x > '${folder}/x'; tar --create --directory '${folder}' x`], {
    encoding: "buffer",
  });
  const second = "migrate-container/archived-image-other:1";
  await execa(dockerProgram, ["import", "-", second], { input: other.stdout });
  await docker("save", "--output", two, name, second);
  await docker("image", "rm", `${name}2`, second);
  const refused = { code: "usage", host: "local", remedy: /docker save/ };
  await assert.rejects(archivedImage(two), { ...refused, message: /holds 2 images/ });
  await writeFile(join(folder, "text"), "no archive");
  await assert.rejects(archivedImage(join(folder, "text")), refused);
  await assert.rejects(archivedImage(join(folder, "missing")), refused);
});
