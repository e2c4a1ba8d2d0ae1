import assert from "node:assert/strict";
import test from "node:test";
import { vmaStatus } from "../criu/images/flags.ts";
import type { VmaEntry } from "../criu/images/schema/index.ts";
import { seededRandom } from "../criu/testing/random.ts";
import { findLayout, MAP_GROWSDOWN, stackRoom } from "./layout.ts";
import type { ResumedProcess } from "./process.ts";
import { syntheticVma } from "./testing/synthetic-images.ts";
import type { TreeRoot } from "./tree.ts";

const heap = 0x5555_0000_0000n;
const processWith = (vmas: readonly Partial<VmaEntry>[], start = heap): TreeRoot => {
  const process = { pid: 1, memory: { mm_start_brk: start, vmas: vmas.map(syntheticVma) } } as unknown as ResumedProcess;
  return { pid: 1, group: 1, session: 1, process, exitStatus: 0, children: [] };
};

/** Both copies of the program lie free, apart from each other and from where something is or may grow. */
function check(tree: TreeRoot, size: bigint): void {
  const { loader, program } = findLayout(tree, size);
  const { process } = tree;
  assert.ok(loader >= 0x10000n && loader + size <= program, "the copies don't touch");
  assert.ok(program + size <= process.memory.mm_start_brk - 0x10000n, "below the heap, with a page for the program break");
  assert.deepEqual([loader % 0x10000n, program % 0x10000n], [0n, 0n]);
  for (const { start, end, flags } of process.memory.vmas) {
    const low = (flags & MAP_GROWSDOWN) !== 0 ? start - stackRoom : start;
    assert.ok(end <= loader || low >= program + size, `0x${start.toString(16)}`);
  }
}

test("layout: near the heap where nothing else is", () => {
  const process = processWith([]);
  check(process, 5000n);
  assert.ok(heap - findLayout(process, 5000n).loader < 0x100_0000n);
});

test("layout: the hole that is nearest to the heap and large enough", () => {
  const large = { start: heap - 0x4000_0000n, end: heap - 0x1000_0000n };
  const nearHeap = { start: heap - 0x0fff_0000n, end: heap - 0x8_0000n };
  const process = processWith([large, nearHeap]);
  check(process, 0x1000n);
  assert.ok(findLayout(process, 0x1000n).loader > nearHeap.end);
  check(process, 0x10_0000n);
  assert.ok(findLayout(process, 0x10_0000n).loader < large.start);
});

test("layout: room for a stack to grow into is not taken", () => {
  const stack = { start: heap - 0x100_0000n, end: heap - 0x20_0000n, flags: 0x22 | MAP_GROWSDOWN };
  check(processWith([stack]), 0x20_0000n);
});

test("layout: room for a heap below another one to grow into is not taken", () => {
  const lower = { start: heap - 0x800_0000n, end: heap - 0x7ff_0000n, status: vmaStatus.HEAP };
  const process = processWith([lower]);
  const { loader } = findLayout(process, 0x1000n);
  assert.ok(loader < lower.start || loader >= lower.end + (64n << 20n));
});

test("layout: what is free in one process must be free in all", () => {
  const near = { start: heap - 0x80_0000n, end: heap - 0x8_0000n };
  const tree = processWith([]);
  const child = { ...processWith([near]), pid: 7 };
  const { loader, program } = findLayout({ ...tree, children: [child] }, 0x10_0000n);
  assert.ok(program + 0x10_0000n <= near.start || loader >= near.end);
  assert.ok(findLayout(tree, 0x10_0000n).program > near.start, "alone it would lie there");
});

test("layout: no room", () => {
  for (const process of [processWith([{ start: 0x1_0000n, end: heap }]), processWith([], 0x3_0000n)]) {
    assert.throws(() => findLayout(process, 0x1000n), {
      code: "cannot-carry",
      message: /no \d+ bytes free in every process below the heap/,
    });
  }
});

test("layout: any address space", () => {
  const random = seededRandom(3);
  for (let round = 0; round < 300; round++) {
    let at = BigInt(random.below(1000)) * 0x1000n + 0x1_0000n;
    const vmas = Array.from({ length: random.below(40) }, () => {
      const start = at + BigInt(random.below(200)) * 0x1000n;
      at = start + BigInt(1 + random.below(100)) * 0x1000n;
      return { start, end: at };
    });
    check(processWith(vmas, at + BigInt(random.below(300)) * 0x1000n + 0x100_0000n), BigInt(1 + random.below(0x20_0000)));
  }
});
