import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pagemap } from "../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../criu/images/flags.ts";
import { compileResume } from "./compile.ts";
import { addresses, type SyntheticProcess, syntheticImages } from "./testing/synthetic-images.ts";
import { sameCpu } from "./testing/targets.ts";

function compile(process: SyntheticProcess): Uint8Array {
  const images = syntheticImages(process);
  return compileResume({ images, engineStdio: [], readFile: () => undefined, target: sameCpu }).elf;
}

const { heap, stack } = addresses;
const page = 4096n;
const end = 1n << 47n;

function pagemap(address: bigint, pages: number): Pagemap {
  const runs = [{ address, pages, flags: 4, fileOffset: 0n }];
  return { pagesId: 1, pagesFile: "pages-1.img", pagesSize: BigInt(pages) * page, runs };
}

const withPages = (address: bigint, pages: number): SyntheticProcess => ({ images: { pagemap: () => pagemap(address, pages) } });
const event = {
  type: 4,
  efd: { id: 0, flags: 0, fown: { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 }, counter: 0n },
} as const;
const withDescriptors = (...numbers: readonly number[]): SyntheticProcess => ({
  descriptors: [event],
  images: { fdinfo: () => numbers.map((fd) => ({ id: 100, flags: 0, type: event.type, fd })) },
});
const shared = { start: heap, end: heap + page, shmid: 7n, flags: 0x21, status: vmaStatus.REGULAR | vmaStatus.ANON_SHARED };

const noState = {
  ...{ xstate_bv: 0n, ymmh_space: [], bndreg_state: [], bndcsr_state: [] },
  ...{ opmask_reg: [], zmm_upper: [], hi16_zmm: [], pkru: [] },
};

const damages: Readonly<Record<string, readonly [SyntheticProcess, RegExp]>> = {
  "memory that ends before it begins": [
    { vmas: [{ start: heap + page, end: heap }] },
    /0x555510001000-0x555510000000 is no range/,
  ],
  "memory of no size": [{ vmas: [{ start: heap, end: heap }] }, /is no range of pages/],
  "memory that begins within a page": [{ vmas: [{ start: heap + 1n, end: heap + page }] }, /is no range of pages/],
  "memory that overlaps": [{ vmas: [{ start: stack - page, end: stack + page }] }, /0x7fff00000000-0x7fff00010000 overlaps/],
  "memory that lies in other memory": [
    { vmas: [{ start: stack + page, end: stack + 2n * page }] },
    /overlaps the memory below it/,
  ],
  "memory across the end of user space": [{ vmas: [{ start: end - page, end: end + page }] }, /beyond what programs have/],
  "memory of the kernel": [{ vmas: [{ start: -page & ((1n << 64n) - 1n), end: (1n << 64n) - 1n }] }, /is no range of pages/],
  "a guard beyond user space": [
    { vmas: [{ start: end, end: end + page, status: vmaStatus.GUARD }] },
    /0x800000000000-0x800000001000 lies beyond/,
  ],
  "a heap that ends before it begins": [
    { memory: { mm_brk: heap - 1n } },
    /the heap from 0x555510000000 to 0x55550fffffff can't be/,
  ],
  "a heap in the kernel": [{ memory: { mm_start_brk: 1n << 63n, mm_brk: 1n << 63n } }, /the heap from/],
  "pages where no memory is": [withPages(heap, 1), /the pages at 0x555510000000 belong to no private memory/],
  "pages beyond the end of memory": [withPages(stack + 0xf000n, 2), /the pages at 0x7fff00010000 belong to no private memory/],
  "pages in the place of shared memory": [
    { vmas: [shared], images: { pagemap: () => pagemap(heap, 1) } },
    /the pages at 0x555510000000 belong to no private memory/,
  ],
  "no pagemap": [{ images: { pagemap: () => undefined } }, /pagemap-1\.img, the memory of process 1, is missing/],
  "shared memory without its pages": [
    { vmas: [shared], images: { shmemPagemap: () => undefined } },
    /the pages of shared memory .* are missing/,
  ],
  "shared memory with pages beyond its end": [
    { vmas: [shared], images: { shmemPagemap: () => pagemap(page, 1) } },
    /of 4096 bytes has pages beyond its end/,
  ],
  "a segment that is attached and does not exist": [
    { vmas: [{ ...shared, status: vmaStatus.REGULAR | vmaStatus.ANON_SHARED | vmaStatus.SYSVIPC }] },
    /shows the System V segment 7, which the images do not hold/,
  ],
  "an instruction pointer in the kernel": [
    { registers: { ip: 0xffff_ffff_8100_0000n } },
    /instruction pointer of thread 1 is 0xffffffff81000000/,
  ],
  "an instruction pointer that is not canonical": [{ registers: { ip: 1n << 50n } }, /instruction pointer of thread 1/],
  "an FS base in the kernel": [{ registers: { fs_base: 1n << 63n } }, /FS base of thread 1/],
  "a GS base that is not canonical": [{ registers: { gs_base: end } }, /GS base of thread 1/],
  "two descriptors of one number": [withDescriptors(3, 3), /two descriptors have the number 3/],
  "a descriptor out of range": [withDescriptors(0xffff_ffff), /the descriptor 4294967295 is higher than Linux gives/],
  "a thread without credentials": [{ thread: { creds: undefined } }, /core-1\.img holds no credentials of thread 1/],
  "too few signal handlers": [{ task: { sigactions: [] } }, /0 signal handlers instead of 62/],
  "too many limits": [
    { task: { rlimits: { rlimits: Array.from({ length: 17 }, () => ({ cur: 0n, max: 0n })) } } },
    /17 resource limits instead of 16/,
  ],
  "too many registers": [
    { xsave: { ...noState, opmask_reg: Array(9).fill(0n) } },
    /9 words of opmask_reg in thread 1, which has 8/,
  ],
};

for (const [what, [process, message]] of Object.entries(damages)) {
  test(`consistency: ${what} is named`, () => {
    assert.throws(() => compile(process), { code: "image-corrupt", message });
  });
}

test("consistency: what lies at the edges is carried", () => {
  assert.ok(compile(withPages(stack, 16)).length > 0);
  assert.ok(compile(withDescriptors(3, (1 << 20) - 1)).length > 0);
  assert.ok(compile({ vmas: [{ start: end - 2n * page, end: end - page }] }).length > 0);
  assert.ok(compile({ vmas: [shared], images: { shmemPagemap: () => pagemap(0n, 1) } }).length > 0);
  const neighbours = [1n, 2n].map((index) => ({ start: heap + index * page, end: heap + (index + 1n) * page }));
  assert.ok(compile({ vmas: neighbours, images: { pagemap: () => pagemap(heap + page, 2) } }).length > 0);
});
