import assert from "node:assert/strict";
import test from "node:test";
import { signalFrame } from "./signal-frame.ts";

const registers = Array.from({ length: 31 }, (_, index) => BigInt(index) * 0x0101_0101n + 1n);
const vectors = Array.from({ length: 64 }, (_, index) => (1n << 63n) + BigInt(index));
const content = {
  gpregs: { regs: registers, sp: 0x7fff_0010n, pc: 0x40_0000n, pstate: 0xf020_03c5n },
  fpsimd: { vregs: vectors, fpsr: 0x1000_0000, fpcr: 0x0300_0000 },
  mask: 0x1234n,
  alternateStack: { address: 0x5000n, flags: 1n << 31n, size: 8192n },
};

/** struct ucontext and struct sigcontext (arch/arm64/include/uapi/asm/) behind 128 bytes of siginfo. That a kernel takes it: test/resume-on-arm64.test.ts. */
test("signal frame: everything lies where the kernel looks for it", () => {
  const view = new DataView(signalFrame(content).buffer);
  const long = (offset: number): bigint => view.getBigUint64(offset, true);
  assert.equal(view.byteLength, 128 + 4560);
  assert.deepEqual([long(128), long(136)], [0n, 0n]); // uc_flags, uc_link
  assert.deepEqual([long(144), long(152), long(160)], [0x5000n, 1n << 31n, 8192n]);
  assert.equal(long(168), 0x1234n);
  const context = 128 + 176;
  assert.equal(long(context), 0n); // fault_address
  for (const [index, value] of registers.entries()) assert.equal(long(context + 8 + 8 * index), value, `x${index}`);
  assert.deepEqual([long(context + 256), long(context + 264)], [0x7fff_0010n, 0x40_0000n]);
  const record = context + 288;
  assert.deepEqual([view.getUint32(record, true), view.getUint32(record + 4, true)], [0x4650_8001, 528]);
  assert.deepEqual([view.getUint32(record + 8, true), view.getUint32(record + 12, true)], [0x1000_0000, 0x0300_0000]);
  for (const [index, value] of vectors.entries()) assert.equal(long(record + 16 + 8 * index), value, `half ${index} of v`);
  assert.deepEqual([long(record + 528), long(record + 536)], [0n, 0n]);
});

test("signal frame: of the program's state only what a program may set", () => {
  const state = (pstate: bigint): bigint =>
    new DataView(signalFrame({ ...content, gpregs: { ...content.gpregs, pstate } }).buffer).getBigUint64(576, true);
  assert.equal(state(0xf020_03c5n), 0xf000_0000n); // not single step, masked exceptions, EL1
  assert.equal(state(0x8000_1000n), 0x8000_1000n);
  assert.equal(state(0x0300_0c00n), 0x0300_0c00n);
});

test("signal frame: without an alternate stack it says so, since rt_sigreturn sets it", () => {
  const view = new DataView(signalFrame({ ...content, alternateStack: undefined }).buffer);
  assert.deepEqual(
    [144, 152, 160].map((offset) => view.getBigUint64(offset, true)),
    [0n, 2n, 0n],
  );
});
