import assert from "node:assert/strict";
import test from "node:test";
import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { taskState, vmaStatus } from "../criu/images/flags.ts";
import { filePath, guardRegions, userVmas } from "./process.ts";
import { addresses, inetSocket, syntheticImages } from "./testing/synthetic-images.ts";
import { readTree } from "./tree.ts";

const readProcess = (images: CheckpointImages) => readTree(images).process;
const entry = { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1] };

test("process: the main thread comes first, the others by their ids", () => {
  const process = readProcess(syntheticImages({ images: { pstree: [{ ...entry, threads: [40, 9, 1, 100] }] } }));
  assert.deepEqual(
    process.threads.map(({ tid }) => tid),
    [1, 9, 40, 100],
  );
  assert.equal(process.descriptors.length, 0);
});

test("process: none, or one whose images are incomplete", () => {
  for (const images of [{ pstree: [] }, { mm: () => undefined }, { ids: () => undefined }, { fs: () => undefined }]) {
    assert.throws(() => readProcess(syntheticImages({ images })), { code: "image-corrupt" });
  }
  const core = syntheticImages().core(1);
  const { tc: _, ...withoutTask } = core;
  assert.throws(() => readProcess(syntheticImages({ images: { core: () => withoutTask } })), { code: "image-corrupt" });
  const { thread_info: __, ...other } = core;
  assert.throws(() => readProcess(syntheticImages({ images: { core: () => ({ ...other, mtype: 3 }) } })), {
    code: "cannot-carry",
    message: "process 1 is neither of x86_64 nor of ARM64",
  });
});

test("process: a stopped one", () => {
  assert.throws(() => readProcess(syntheticImages({ task: { task_state: taskState.STOPPED } })), {
    code: "cannot-carry",
    remedy: /kill -CONT/,
  });
});

test("process: VMAs to be rebuilt, and guards within them", () => {
  const vsyscall = { start: 0xffff_ffff_ff60_0000n, end: 0xffff_ffff_ff60_1000n, status: vmaStatus.VSYSCALL };
  const guard = { start: addresses.stack, end: addresses.stack + 4096n, status: vmaStatus.GUARD };
  const process = readProcess(syntheticImages({ vmas: [vsyscall, guard] }));
  assert.equal(userVmas(process).length, process.memory.vmas.length - 2);
  assert.deepEqual(
    guardRegions(process).map(({ start }) => start),
    [addresses.stack],
  );
});

test("process: the path of a file", () => {
  const images = syntheticImages({ descriptors: [{ type: 4, isk: inetSocket() }] });
  assert.equal(filePath(images, 1n), "/bin/program");
  assert.throws(() => filePath(images, 100), { code: "image-corrupt" });
  assert.throws(() => filePath(images, 999), { code: "image-corrupt" });
});
