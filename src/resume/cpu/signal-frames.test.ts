import assert from "node:assert/strict";
import test from "node:test";
import type { ResumedProcess } from "../process.ts";
import { memoryOf } from "../testing/synthetic-memory.ts";
import { cutSignalFrames, findSignalFrames } from "./signal-frames.ts";

const stacks = { main: 0x7ffc_0000_0000n, alternate: 0x50_0000n };

interface FrameOptions {
  /** The stack and the frame's place on it. */
  readonly at: bigint;
  readonly stackPointer: bigint;
  readonly size?: number;
  readonly spoil?: (view: DataView) => void;
}

/** Memory of a thread whose stack pointer is `sp`, with frames as Linux 6.18 was seen to write them on a CPU with AVX-512. */
function memoryWith(sp: bigint, frames: readonly FrameOptions[]) {
  const pages = new Map(Object.values(stacks).map((start) => [start, new Uint8Array(16384)]));
  for (const { at, stackPointer, size = 2432, spoil } of frames) {
    const start = at & -0x10000n;
    const view = new DataView(pages.get(start)!.buffer, Number(at - start));
    const state = 456;
    view.setBigUint64(0, 0x408bc0n, true);
    view.setBigUint64(8, 7n, true);
    view.setBigUint64(168, stackPointer, true);
    view.setBigUint64(176, 0x413eabn, true);
    view.setBigUint64(192, 0x2b00_0000_0000_0033n, true);
    view.setBigUint64(232, at + BigInt(state), true);
    view.setUint32(state + 464, 0x46505853, true);
    view.setUint32(state + 468, size + 4, true);
    view.setBigUint64(state + 472, 0xe7n, true);
    view.setUint32(state + 480, size, true);
    view.setBigUint64(state + 512, 0xa3n, true);
    view.setUint32(state + size, 0x46505845, true);
    spoil?.(view);
  }
  const memory = memoryOf([], pages);
  const threads = [{ tid: 7, state: { stack: sp } }];
  const vmas = [...pages].map(([start, bytes]) => ({ start, end: start + BigInt(bytes.length), status: 1 }));
  const process = { ...memory.process, threads, memory: { vmas } } as unknown as ResumedProcess;
  return { memory: { ...memory, process }, pages };
}

const onMain = { at: stacks.main + 0x1038n, stackPointer: stacks.main + 0x2000n };
const onAlternate = { at: stacks.alternate + 0x838n, stackPointer: stacks.main + 0x800n };

test("signal frames: those of nested handlers are found, on the alternate stack and on the one it leads to", () => {
  const { memory } = memoryWith(stacks.alternate + 0x100n, [onAlternate, onMain]);
  assert.deepEqual(
    findSignalFrames(memory).map(({ tid, instruction, stackPointer }) => [tid, instruction, stackPointer]),
    [onAlternate, onMain].map(({ stackPointer }) => [7, 0x413eabn, stackPointer]),
  );
});

for (const [what, spoil] of Object.entries({
  "that is not named by its frame": (view) => view.setBigUint64(232, 0n, true),
  "that has no end": (view) => view.setUint32(456 + 2432, 0, true),
  "of another code segment": (view) => view.setBigUint64(192, 0n, true),
} satisfies Record<string, (view: DataView) => void>)) {
  test(`signal frames: an area ${what} is none`, () => {
    assert.deepEqual(findSignalFrames(memoryWith(stacks.main, [{ ...onMain, spoil }]).memory), []);
  });
}

test("signal frames: what lies below the stack pointer is a rest", () => {
  assert.deepEqual(findSignalFrames(memoryWith(onMain.stackPointer, [onMain]).memory), []);
});

test("signal frames: the area is cut down to what every CPU with AVX has, and is still whole", () => {
  const { memory, pages } = memoryWith(stacks.main, [onMain]);
  const stack = pages.get(stacks.main)!;
  for (const { address, bytes } of cutSignalFrames(memory)) stack.set(bytes, Number(address - stacks.main));
  const view = new DataView(stack.buffer, 0x1038 + 456);
  assert.deepEqual(
    [468, 472, 476, 480, 512, 516, 832].map((offset) => view.getUint32(offset, true)),
    [836, 7, 0, 832, 3, 0, 0x46505845],
  );
  assert.equal(findSignalFrames(memory).length, 1);
  assert.deepEqual(cutSignalFrames(memory), []);
});

test("signal frames: those of a CPU without AVX-512 stay as they are", () => {
  const { memory } = memoryWith(stacks.main, [{ ...onMain, size: 832 }]);
  assert.equal(findSignalFrames(memory).length, 1);
  assert.deepEqual(cutSignalFrames(memory), []);
});
