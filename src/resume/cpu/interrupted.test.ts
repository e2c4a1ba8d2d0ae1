import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { type ElfFile, readElf, symbolType } from "../elf/reader.ts";
import type { ResumedThread } from "../process.ts";

import { memoryOf } from "../testing/synthetic-memory.ts";
import { firstAvx512Function, isInsideAvx512 } from "./avx512-code.ts";
import { refuseInsideAvx512 } from "./interrupted.ts";

const notInSyscall = (1n << 64n) - 1n;
const base = 0x7f00_0000_0000n;

/** A thread at byte 1000 of a library that has `code` there, with nothing but `ret` around it. */
function stopAt(code: readonly number[], { origAx = notInSyscall, ip = base + 1000n, chosen = true } = {}): void {
  const bytes = new Uint8Array(4096).fill(0xc3);
  bytes.set(code, 1000);
  const elf = {
    read: (address: bigint, length: number) => bytes.subarray(Number(address), Number(address) + length),
    segments: [],
    symbols: chosen ? [{ name: "memcpy", type: symbolType.IFUNC, section: 1 }] : [],
    relocations: [],
  } as unknown as ElfFile;
  const module = { path: "/lib/libc.so.6", elf, base, start: base, end: base + 4096n };
  const thread = {
    tid: 7,
    state: { instruction: ip },
    entry: { thread_info: { gpregs: { orig_ax: origAx } } },
  } as unknown as ResumedThread;
  refuseInsideAvx512(memoryOf([module]), [thread]);
}

// Bytes as binutils assembles them.
const evex = {
  "vmovdqu64 zmm16, [rdi]": [0x62, 0xe1, 0xfe, 0x48, 0x6f, 0x07],
  "vpminub ymm18, ymm17, ymm16": [0x62, 0xa1, 0x75, 0x20, 0xda, 0xd0],
  "vpcmpeqb k0, ymm16, [rdi]": [0x62, 0xf3, 0x7d, 0x20, 0x3f, 0x07, 0x00],
  "vpternlogd zmm0, zmm0, zmm0, 0xff": [0x62, 0xf3, 0x7d, 0x48, 0x25, 0xc0, 0xff],
};
for (const [text, bytes] of Object.entries(evex)) {
  test(`interrupted: a thread near ${text}`, () => {
    for (const distance of [0, 40, 200]) {
      assert.throws(() => stopAt([...new Array<number>(distance).fill(0x90), ...bytes]), {
        code: "cannot-carry",
        message: /thread 7 was stopped inside an AVX-512 routine of \/lib\/libc\.so\.6/,
        details: { transient: true },
      });
    }
  });
}

const harmless = {
  "vmovdqu ymm0, [rdi]": [0xc5, 0xfe, 0x6f, 0x07],
  "movups xmm0, [rdi]": [0x0f, 0x10, 0x07],
  "nothing but returns": [],
  "0x62 as a part of a number": [0xb8, 0x62, 0x00, 0x00, 0x00],
  "one behind the return": [0xc3, ...evex["vmovdqu64 zmm16, [rdi]"]],
  "0x62 as the last byte of the code that is looked at": [...new Array<number>(255).fill(0x90), 0x62],
};
for (const [text, bytes] of Object.entries(harmless)) {
  test(`interrupted: ${text} is no AVX-512`, () => stopAt(bytes));
}

test("interrupted: a thread in a system call, or outside of all libraries, goes on", () => {
  const [code] = Object.values(evex) as [number[]];
  stopAt(code, { origAx: 35n });
  stopAt(code, { ip: 0x1000n });
});

test("interrupted: a routine that the program chose by itself is not waited for", () => {
  const [code] = Object.values(evex) as [number[]];
  assert.throws(() => stopAt(code, { chosen: false }), { code: "cannot-carry", details: {} });
});

test("interrupted: of glibc, all of an AVX-512 function counts and nothing around it", () => {
  const elf = readElf(readFileSync("/lib/x86_64-linux-gnu/libc.so.6"))!;
  const { start, end } = firstAvx512Function(elf)!;
  for (const address of [start, start + 1n, end - 1n]) assert.equal(isInsideAvx512(elf, address), true);
  const plain = elf.symbols.find(({ name }) => name === "getpid")!;
  assert.equal(isInsideAvx512(elf, plain.value), false);
});
