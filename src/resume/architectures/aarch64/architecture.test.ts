import assert from "node:assert/strict";
import test from "node:test";
import type { ThreadInfoAarch64 } from "../../../criu/images/schema/index.ts";
import { compileResume } from "../../compile.ts";
import { readElf } from "../../elf/reader.ts";
import { nativeArm64Target, type ResumeTarget } from "../../target.ts";
import { type SyntheticProcess, syntheticImages } from "../../testing/synthetic-images.ts";
import { sameCpu } from "../../testing/targets.ts";

const zeros = (length: number): bigint[] => Array.from({ length }, () => 0n);
const gpregs = { regs: zeros(31), sp: 0x7fff_0000_8000n, pc: 0x5555_0000_0000n, pstate: 0n };
const fpsimd = { vregs: zeros(64), fpsr: 0, fpcr: 0 };
const compile = (process: SyntheticProcess, target: ResumeTarget = nativeArm64Target) =>
  compileResume({ images: syntheticImages({ arm64: {}, ...process }), engineStdio: [], readFile: () => undefined, target });

test("ARM64: a dump becomes a program of ARM64", () => {
  const { elf } = compile({});
  const view = new DataView(elf.buffer, elf.byteOffset);
  assert.equal(view.getUint16(18, true), 183); // EM_AARCH64
  const entry = Number(view.getBigUint64(24, true) - readElf(elf)!.segments[0]!.address + 4096n);
  // The loader begins with: mov x0, #<part of an address>
  assert.equal((view.getUint32(entry, true) & 0xff80_001f) >>> 0, 0xd280_0000);
});

test("ARM64: memory up to 2^48 is a program's own, and no more", () => {
  const high = { start: 0xffff_9a00_0000n, end: 0xffff_9a01_0000n };
  assert.ok(compile({ vmas: [high] }));
  assert.throws(() => compile({ vmas: [{ start: (1n << 48n) - 4096n, end: (1n << 48n) + 4096n }] }), { code: "image-corrupt" });
});

const damages: readonly (readonly [Partial<ThreadInfoAarch64>, RegExp])[] = [
  [{ gpregs: { ...gpregs, pc: 1n << 48n } }, /instruction pointer of thread 1 is 0x1000000000000/],
  [{ gpregs: { ...gpregs, sp: (1n << 64n) - 8n } }, /stack pointer of thread 1/],
  [{ tls: 1n << 60n }, /thread pointer of thread 1/],
  [{ gpregs: { ...gpregs, regs: zeros(32) } }, /32 registers of thread 1 instead of 31/],
  [{ fpsimd: { ...fpsimd, vregs: zeros(65) } }, /65 words of vector registers of thread 1 instead of 64/],
];

for (const [arm64, message] of damages) {
  test(`ARM64: damaged registers: ${message.source}`, () => {
    assert.throws(() => compile({ arm64 }), { code: "image-corrupt", message });
  });
}

const keys = { apgakey_lo: 1n, apgakey_hi: 2n };
const refusals: readonly (readonly [string, SyntheticProcess, RegExp])[] = [
  ["keys for pointers", { arm64: { pac_keys: { pac_generic_keys: keys } } }, /thread 1 has keys for signing pointers \(PAC\)/],
  ["tagged memory", { vmas: [{ start: 0x1000_0000n, end: 0x1000_1000n, prot: 0x23 }] }, /process 1 has memory with tags \(MTE\)/],
  ["32-bit code", { arm64: { gpregs: { ...gpregs, pstate: 0x10n } } }, /thread 1 runs 32-bit code/],
  ["other pages", { memory: { mm_saved_auxv: [6n, 65536n, 0n, 0n] } }, /process 1 has pages of 65536 bytes/],
];

for (const [name, process, message] of refusals) {
  test(`ARM64: refused by name: ${name}`, () => {
    assert.throws(() => compile(process), { code: "cannot-carry", message });
  });
}

test("a dump of one architecture is not compiled for a target that runs the other", () => {
  assert.throws(() => compile({}, sameCpu), {
    code: "cannot-carry",
    message: "the dump is of aarch64 programs, and the target runs x86_64 programs only",
  });
  assert.throws(
    () => compileResume({ images: syntheticImages(), engineStdio: [], readFile: () => undefined, target: nativeArm64Target }),
    {
      code: "cannot-carry",
      message: "the dump is of x86_64 programs, and the target runs aarch64 programs only",
    },
  );
});
