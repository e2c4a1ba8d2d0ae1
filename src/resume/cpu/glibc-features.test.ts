import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { readElf } from "../elf/reader.ts";
import { memoryOf, moduleOf } from "../testing/synthetic-memory.ts";
import { findCpuFeatures, forgetFeatures } from "./glibc-features.ts";

const base = 0x7f00_0000_0000n;

/** A page with `struct cpu_features` of a Skylake server at an offset. Words of leaf 7 and 0xD are all ones. */
function featuresPage(offset: number, more: { readonly stepping?: number } = {}): Uint8Array {
  const page = new Uint8Array(4096);
  const view = new DataView(page.buffer);
  // kind intel, highest leaf, family 6, model 85, stepping 7; CPUID leaf 1 says so too
  for (const [index, word] of [1, 22, 6, 85, more.stepping ?? 7, 0x50657].entries())
    view.setUint32(offset + 4 * index, word, true);
  for (const leaf of [1, 3]) page.fill(0xff, offset + 20 + 32 * leaf + 16, offset + 20 + 32 * leaf + 32);
  return page;
}

const word = (page: Uint8Array, offset: number): number => new DataView(page.buffer).getUint32(offset, true);

test("glibc features: ld.so tells where they are", () => {
  const loader = moduleOf("/lib64/ld-linux-x86-64.so.2", base);
  const [found, ...others] = findCpuFeatures(
    memoryOf([moduleOf("/lib/x86_64-linux-gnu/libc.so.6", base + 0x1000_0000n), loader]),
  );
  assert.equal(others.length, 0);
  assert.ok(found!.address > loader.start && found!.address < loader.end);
});

test("glibc features: those that an emulator lacks are forgotten, all others stay", () => {
  const loader = moduleOf("/lib64/ld-linux-x86-64.so.2", base);
  const address = findCpuFeatures(memoryOf([loader]))[0]?.address;
  const offset = Number(address! % 4096n);
  const pages = new Uint8Array(8192);
  pages.set(featuresPage(offset > 3000 ? 3000 : offset), 0);
  const memory = memoryOf([loader], new Map([[address! - BigInt(offset > 3000 ? 3000 : offset), pages]]));
  const patches = forgetFeatures(memory);
  const at = (leaf: number, register: number): bigint => address! + BigInt(20 + 32 * leaf + 16 + 4 * register);
  assert.deepEqual(
    patches.map(({ address: place }) => place),
    [at(1, 1), at(1, 2), at(1, 3), at(3, 0)],
  );
  const [ebx, , , xsave] = patches.map(({ bytes }) => new DataView(bytes.buffer).getUint32(0, true)) as [
    number,
    number,
    number,
    number,
  ];
  for (const bit of [4, 11, 16, 17, 28, 30, 31]) assert.equal((ebx >>> bit) & 1, 0, `HLE, RTM, AVX-512: ${bit}`);
  for (const bit of [3, 5, 8, 9]) assert.equal((ebx >>> bit) & 1, 1, `BMI1, AVX2, BMI2, ERMS: ${bit}`);
  assert.equal(xsave, 0xffff_fff5);
  assert.deepEqual(forgetFeatures(memoryOf([loader], new Map([[address!, new Uint8Array(4096)]]))), [], "nothing to forget");
});

test("glibc features: in a static program they are found by what they hold", () => {
  const busybox = moduleOf("/usr/bin/busybox", 0n);
  const page = (busybox.end & -4096n) - 4096n;
  const found = findCpuFeatures(memoryOf([busybox], new Map([[page, featuresPage(0x120)]])));
  assert.deepEqual(
    found.map(({ address }) => address),
    [page + 0x120n],
  );
  assert.equal(word(featuresPage(0x120), 0x120), 1);
  assert.equal(forgetFeatures(memoryOf([busybox], new Map([[page, featuresPage(0x120)]]))).length, 4);
});

test("glibc features: glibc 2.31 has them in another order", () => {
  // As Debian 11's ld.so returned them on a Zen 4; words 5 to 7 are leaf 7, 12 is leaf 0xD.1, 24 what it calls usable.
  const words = [
    ..."00a10f11 01020800 fffa3203 178bfbff 00000001 f1bf07ab 00405fc6 00000010 00a10f11 40000000 004003f3".split(" "),
    ..."2fd3fbff 0000000f 000009a8 00001800 00000000 00000000 00000000 00000000 00000100 00303030 50020005".split(" "),
    ..."00007001 00000000 005bf9cf 00000103 00000002 0000001c 00000019 00000011 00000001 00000000".split(" "),
  ].map((text) => Number.parseInt(text, 16));
  const page = new Uint8Array(4096);
  for (const [index, value] of words.entries()) new DataView(page.buffer).setUint32(64 + 4 * index, value, true);
  const busybox = moduleOf("/usr/bin/busybox", 0n);
  const address = (busybox.end & -4096n) - 4096n;
  const patches = forgetFeatures(memoryOf([busybox], new Map([[address, page]])));
  assert.deepEqual(
    patches.map(({ address: place, bytes }) => [
      Number(place - address - 64n) / 4,
      Buffer.from(bytes).readUInt32LE().toString(16),
    ]),
    [
      [5, "219c07ab"],
      [6, "400784"],
      [12, "5"],
      [24, "1a0003"],
    ],
  );
});

test("glibc features: numbers that only look like them", () => {
  const busybox = moduleOf("/usr/bin/busybox", 0n);
  const page = (busybox.end & -4096n) - 4096n;
  assert.deepEqual(findCpuFeatures(memoryOf([busybox], new Map([[page, featuresPage(0x120, { stepping: 6 })]]))), []);
  assert.deepEqual(
    findCpuFeatures(memoryOf([busybox], new Map([[0x7fff_0000_0000n, featuresPage(0x120)]]))),
    [],
    "outside of the program",
  );
});

test("glibc features: the CPU that this runs on is recognised in a static program's own words", () => {
  const text = readFileSync("/proc/cpuinfo", "utf8");
  const value = (key: string): number => Number(new RegExp(`^${key}\\s*: (\\d+)$`, "m").exec(text)?.[1]);
  const [family, model, stepping] = [value("cpu family"), value("model"), value("stepping")];
  const extended = family > 15 ? ((family - 15) << 20) | (15 << 8) : family << 8;
  const eax = extended | ((model & 15) << 4) | ((model >> 4) << 16) | stepping;
  const busybox = moduleOf("/usr/bin/busybox", 0n);
  const page = new Uint8Array(4096);
  const view = new DataView(page.buffer);
  for (const [index, number] of [1, 13, family, model, stepping, eax].entries()) view.setUint32(4 * index, number, true);
  const address = (busybox.end & -4096n) - 4096n;
  assert.equal(findCpuFeatures(memoryOf([busybox], new Map([[address, page]])))[0]?.address, address);
});

test("glibc features: programs without glibc have none", () => {
  assert.ok(readElf(readFileSync("/lib/x86_64-linux-gnu/libc.so.6")));
  assert.deepEqual(findCpuFeatures(memoryOf([moduleOf("/lib/x86_64-linux-gnu/libc.so.6", base)])), []);
  assert.deepEqual(findCpuFeatures(memoryOf([])), []);
});
