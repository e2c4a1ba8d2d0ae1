import assert from "node:assert/strict";
import test from "node:test";
import { decodeMessage } from "../protobuf/decode.ts";
import { pageRuns } from "./page-runs.ts";
import { type PagemapEntry, pagemapEntry } from "./schema/index.ts";

const runsOf = (...entries: Partial<PagemapEntry>[]) =>
  pageRuns(
    entries.map((entry) => ({ vaddr: 0x1000n, compat_nr_pages: 0, ...entry })),
    "pagemap-1.img",
  );

test("CRIU 4.2 counts in nr_pages and leaves the old count 0", () => {
  assert.deepEqual(runsOf({ nr_pages: 3n, flags: 4 }), {
    runs: [{ address: 0x1000n, pages: 3, flags: 4, fileOffset: 0n }],
    size: 12288n,
  });
});

test("CRIU before it has the old count alone", () => {
  assert.deepEqual(runsOf({ compat_nr_pages: 2, flags: 6 }).runs, [{ address: 0x1000n, pages: 2, flags: 6, fileOffset: 0n }]);
});

test("without flags, pages are present", () => {
  assert.equal(runsOf({ compat_nr_pages: 1, in_parent: false }).runs[0]?.flags, 4);
});

test("only runs that are present take room in the pages file", () => {
  const { runs, size } = runsOf(
    { nr_pages: 2n, flags: 4 },
    { vaddr: 0x8000n, nr_pages: 7n, flags: 0 },
    { vaddr: 0x7fff_ffff_0000n, nr_pages: 1n, flags: 6 },
  );
  assert.deepEqual(
    runs.map(({ address, fileOffset }) => [address, fileOffset]),
    [
      [0x1000n, 0n],
      [0x7fff_ffff_0000n, 8192n],
    ],
  );
  assert.equal(size, 12288n);
});

const unsupported: readonly (readonly [string, Partial<PagemapEntry>, RegExp])[] = [
  ["pages of a pre-dump", { flags: 1, nr_pages: 1n }, /pre-dump/],
  ["pages of a pre-dump, said the old way", { in_parent: true, compat_nr_pages: 1 }, /pre-dump/],
  ["lazy pages that were not dumped", { flags: 2, nr_pages: 1n }, /machine of the dump/],
  ["unknown flags", { flags: 12, nr_pages: 1n }, /unknown flags \(0xc\)/],
  [
    "a field of a newer CRIU",
    decodeMessage(pagemapEntry, Buffer.from("080010012004280130ff01", "hex"), ""),
    /field 6.*compressed/,
  ],
];

for (const [what, entry, message] of unsupported) {
  test(`${what}: refused as unsupported`, () => {
    assert.throws(() => runsOf(entry), { code: "image-unsupported", message });
  });
}

const corrupt: readonly (readonly [string, Partial<PagemapEntry>[]])[] = [
  ["an address within a page", [{ vaddr: 0x1001n, nr_pages: 1n }]],
  ["runs that overlap", [{ nr_pages: 2n }, { vaddr: 0x2000n, nr_pages: 1n }]],
  ["runs out of order", [{ vaddr: 0x9000n, nr_pages: 1n }, { nr_pages: 1n }]],
  ["a run past the end of memory", [{ nr_pages: 1n << 52n }]],
  ["a count that overflows", [{ nr_pages: 0xffff_ffff_ffff_ffffn }]],
];

for (const [what, entries] of corrupt) {
  test(`${what}: refused as corrupt`, () => {
    assert.throws(() => runsOf(...entries), { code: "image-corrupt", message: /pagemap-1\.img/ });
  });
}
