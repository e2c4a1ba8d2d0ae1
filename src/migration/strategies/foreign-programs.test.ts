import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openLocalHost } from "../../host/local.ts";
import { foreignPrograms } from "./foreign-programs.ts";

/** The first bytes of an ELF file (elf(5)). */
function elf(machine: number, bigEndian = false): Buffer {
  const header = Buffer.alloc(64);
  header.write("\x7fELF", "latin1");
  header[5] = bigEndian ? 2 : 1;
  if (bigEndian) header.writeUInt16BE(machine, 18);
  else header.writeUInt16LE(machine, 18);
  return header;
}

test("foreign programs: what is made for another instruction set is found, at any depth, by its header alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "foreign-"));
  try {
    await mkdir(join(folder, "usr/lib"), { recursive: true });
    const files: Readonly<Record<string, Buffer | string>> = {
      "usr/lib/libx86.so": elf(62),
      "usr/lib/libarm.so": elf(183),
      "usr/lib/libs390.so": elf(22, true),
      "tool.txt": elf(62),
      "no-machine": elf(0),
      script: "#!/bin/sh\n",
      short: "\x7fELF",
      empty: "",
    };
    for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
    await symlink("usr/lib/libx86.so", join(folder, "link"));
    await symlink("/nowhere", join(folder, "broken"));
    assert.deepEqual(await foreignPrograms(openLocalHost(), folder, "aarch64"), [
      "tool.txt",
      "usr/lib/libs390.so",
      "usr/lib/libx86.so",
    ]);
    assert.deepEqual(await foreignPrograms(openLocalHost(), folder, "x86_64"), ["usr/lib/libarm.so", "usr/lib/libs390.so"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
