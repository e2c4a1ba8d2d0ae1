import assert from "node:assert/strict";
import { readFileSync, realpathSync } from "node:fs";
import test from "node:test";
import { corrupt } from "../../criu/testing/corrupt.ts";
import { seededRandom } from "../../criu/testing/random.ts";
import { type ElfFile, readElf, relocationType, symbolType } from "./reader.ts";
import { writeElf } from "./writer.ts";

const read = (path: string): ElfFile => readElf(readFileSync(realpathSync(path)))!;
const libc = read("/lib/x86_64-linux-gnu/libc.so.6");
const loader = read("/lib64/ld-linux-x86-64.so.2");
const python = read("/usr/bin/python3");
const busybox = read("/usr/bin/busybox");

const symbol = (elf: ElfFile, name: string) => elf.symbols.find((it) => it.name === name && it.section !== 0);
const relocations = (elf: ElfFile, type: number) => elf.relocations.filter((it) => it.type === type);

test("elf: symbols of a library, with their versions", () => {
  const memcpys = libc.symbols.filter(({ name, section }) => name === "memcpy" && section !== 0);
  assert.deepEqual(memcpys.map(({ version }) => version).toSorted(), ["GLIBC_2.14", "GLIBC_2.2.5"]);
  assert.equal(memcpys.find(({ version }) => version === "GLIBC_2.14")?.type, symbolType.IFUNC);
  const open = symbol(libc, "open")!;
  assert.deepEqual([open.type, open.version, open.size > 0n], [symbolType.FUNC, "GLIBC_2.2.5", true]);
  assert.ok(libc.symbols.length > 2000);
});

test("elf: symbols that are defined elsewhere", () => {
  const argv = libc.symbols.find(({ name }) => name === "_dl_argv")!;
  assert.deepEqual([argv.section, argv.version], [0, "GLIBC_PRIVATE"]);
  assert.equal(symbol(loader, "_dl_argv")?.version, "GLIBC_PRIVATE");
});

test("elf: bytes at an address", () => {
  const features = symbol(loader, "_dl_x86_get_cpu_features")!;
  assert.ok(loader.read(features.value, 16)?.some((byte) => byte !== 0));
  assert.equal(loader.read(loader.highestAddress + 4096n, 1), undefined);
});

test("elf: where files want to be", () => {
  assert.deepEqual([libc.fixed, libc.lowestAddress], [false, 0n]);
  assert.ok(libc.hasInterpreter && python.hasInterpreter && !loader.hasInterpreter && !busybox.hasInterpreter);
  assert.ok(libc.highestAddress > BigInt(0x100000) && libc.highestAddress < BigInt(0x1000000));
});

test("elf: relocations of a dynamic program name their symbols", () => {
  const slots = relocations(python, relocationType.JUMP_SLOT);
  const strlen = slots.find((slot) => python.symbols[slot.symbol]?.name === "strlen")!;
  assert.equal(python.symbols[strlen.symbol]?.version, "GLIBC_2.2.5");
  assert.ok(slots.length > 100 && slots.every(({ offset }) => offset >= python.lowestAddress && offset < python.highestAddress));
  assert.ok(relocations(python, relocationType.GLOB_DAT).length > 0);
});

test("elf: a static program has its IRELATIVE relocations in a section", () => {
  assert.ok(busybox.fixed);
  const found = relocations(busybox, relocationType.IRELATIVE);
  assert.ok(found.length > 10);
  for (const { offset, addend } of found) {
    assert.ok(offset > busybox.lowestAddress && offset < busybox.highestAddress);
    assert.ok(busybox.read(addend, 1) !== undefined, "a resolver is code in the file");
  }
});

test("elf: what is no ELF file, or not of this kind", () => {
  const bytes = readFileSync("/usr/bin/busybox");
  for (const [what, wrong] of [
    ["empty", new Uint8Array()],
    ["a script", new TextEncoder().encode("#!/bin/sh\n".repeat(10))],
    ["32 bits", Buffer.from(bytes).fill(1, 4, 5)],
    ["big-endian", Buffer.from(bytes).fill(2, 5, 6)],
    ["the header only", bytes.subarray(0, 64)],
  ] as const) {
    assert.equal(readElf(wrong), undefined, what);
  }
});

test("elf: damaged files are read or not, but never an error, and not for long", () => {
  const random = seededRandom(7);
  for (const file of ["/lib64/ld-linux-x86-64.so.2", "/usr/bin/busybox"]) {
    const bytes = readFileSync(realpathSync(file));
    for (let round = 0; round < 200; round++) {
      // Where a flipped bit tells: in the headers, or in the tables that they name.
      const damaged =
        round % 2 === 0
          ? corrupt(bytes, random)
          : Buffer.concat([corrupt(bytes.subarray(0, 4096), random), bytes.subarray(4096)]);
      readElf(damaged);
    }
  }
});

test("elf: what is written is read back", () => {
  const content = new Uint8Array(5000).fill(7);
  const file = writeElf(62, 0x40_0010n, [
    { address: 0x50_0800n, flags: 6, content: new Uint8Array(), memorySize: 0x800n },
    { address: 0x40_0000n, flags: 5, content, memorySize: 8192n },
  ]);
  const elf = readElf(file)!;
  const [code, heap, stack] = elf.segments;
  assert.deepEqual(code, { type: 1, flags: 5, offset: 4096n, address: 0x40_0000n, fileSize: 5000n, memorySize: 8192n });
  assert.deepEqual(heap, { type: 1, flags: 6, offset: 0n, address: 0x50_0800n, fileSize: 0n, memorySize: 0x800n });
  assert.deepEqual([stack?.type, stack?.flags], [0x6474e551, 6]); // PT_GNU_STACK: no execution
  assert.deepEqual([elf.fixed, elf.lowestAddress, elf.highestAddress], [true, 0x40_0000n, 0x50_1000n]);
  assert.deepEqual(elf.read(0x40_0000n, 5000), content);
  assert.equal(new DataView(file.buffer).getBigUint64(24, true), 0x40_0010n);
  assert.deepEqual([elf.symbols, elf.relocations], [[], []]);
});
