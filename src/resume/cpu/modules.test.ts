import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { vmaStatus } from "../../criu/images/flags.ts";
import { readProcess } from "../process.ts";
import { regularFile, syntheticImages } from "../testing/synthetic-images.ts";
import { openProcessMemory } from "./modules.ts";

test("modules: a file that several processes map is read once, and lies in each where that one has it", () => {
  const read: string[] = [];
  const readFile = (path: string): Uint8Array => {
    read.push(path);
    return readFileSync("/bin/sh");
  };
  const modulesAt = (start: bigint) => {
    const vma = { start, end: start + 0x1000n, status: vmaStatus.REGULAR | vmaStatus.FILE_PRIVATE, shmid: 50n, pgoff: 0n };
    const file = { id: 50, type: 1 as const, reg: { ...regularFile("/bin/mapped"), id: 50 } };
    const images = syntheticImages({ vmas: [vma], files: [file] });
    return openProcessMemory(images, readProcess(images, images.pstree[0]!), readFile).modules.filter(
      ({ path }) => path === "/bin/mapped",
    );
  };
  const [first] = modulesAt(0x6000_0000n);
  const [second] = modulesAt(0x7000_0000n);
  assert.deepEqual(
    read.filter((path) => path === "/bin/mapped"),
    ["/bin/mapped"],
  );
  assert.equal(first!.elf, second!.elf);
  assert.equal(second!.base - first!.base, 0x1000_0000n);
});
