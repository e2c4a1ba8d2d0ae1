import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { containerFileReader } from "./container-files.ts";

let folder: string;
const read = containerFileReader(process.pid);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
  await mkdir(join(folder, "real"));
  await writeFile(join(folder, "real/file"), "contents");
  await symlink("real", join(folder, "link"));
  await symlink("real/file", join(folder, "file-link"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("container files: a file is read by its real path", () => {
  assert.equal(Buffer.from(read(`${folder}/real/file`) ?? []).toString(), "contents");
  assert.equal(Buffer.from(read(`//${folder}//real/file`) ?? []).toString(), "contents");
});

for (const [what, path] of [
  ["a link in the way", "link/file"],
  ["a link in its place", "file-link"],
  ["a way up", "real/../real/file"],
  ["a folder", "real"],
  ["nothing", "real/missing"],
  ["a file in the way", "real/file/below"],
] as const) {
  test(`container files: ${what} is no file`, () => {
    assert.equal(read(join(folder, "x").replace(/x$/, path)), undefined);
  });
}

test("container files: a device, and a process that has gone", () => {
  assert.equal(read("/dev/zero"), undefined);
  assert.equal(containerFileReader(99999999)(`${folder}/real/file`), undefined);
});
