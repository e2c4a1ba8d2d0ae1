import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openLocalHost } from "../host/local.ts";
import { containerFileReader, findSemaphores } from "./container-files.ts";

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

test("container files: eventfds that count down by one are found, with their process", { skip: !tellsSemaphores() }, async () => {
  const program = "import os; print(os.eventfd(3, os.EFD_SEMAPHORE), os.eventfd(3), flush=True); input()";
  using child = spawn("/usr/bin/python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  const [semaphore, counter] = String(line).trim().split(" ");
  await using host = openLocalHost();
  const found = await findSemaphores(host, child.pid!);
  assert.ok(found.has(`${child.pid}:${semaphore}`));
  assert.ok(!found.has(`${child.pid}:${counter}`));
  assert.equal((await findSemaphores(host, 0)).size, 0);
});

/** Since Linux 6.5 (fs/eventfd.c, eventfd_show_fdinfo). */
function tellsSemaphores(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 5);
}
