import assert from "node:assert/strict";
import { test } from "node:test";
import { pageRuns } from "../../criu/images/page-runs.ts";
import { planReads } from "./pages.ts";

const run = (vaddr: bigint, nr_pages: bigint) => ({ vaddr, compat_nr_pages: 0, nr_pages, flags: 4 });

test("pages: runs that lie apart in memory are read by one call for each thousand", () => {
  const entries = Array.from({ length: 2500 }, (_, index) => run(0x10_0000n + BigInt(index) * 0x2000n, 1n));
  const reads = planReads(pageRuns(entries, "pagemap-1.img").runs);
  assert.deepEqual(
    reads.map(({ fileOffset, length, pieces }) => [fileOffset, length, pieces.length, pieces[0]!.address]),
    [
      [0n, 1024n * 4096n, 1024, 0x10_0000n],
      [1024n * 4096n, 1024n * 4096n, 1024, 0x10_0000n + 1024n * 0x2000n],
      [2048n * 4096n, 452n * 4096n, 452, 0x10_0000n + 2048n * 0x2000n],
    ],
  );
});

test("pages: no call reads more than the kernel does in one, and every byte is read once", () => {
  const gibibyte = 1n << 30n;
  const entries = [run(0x1000n, 1n), run(0x10_0000n, (5n * gibibyte) / 4096n), run(0x10_0000_0000n, 3n)];
  const { runs, size } = pageRuns(entries, "pagemap-1.img");
  const reads = planReads(runs);
  assert.ok(reads.every(({ length }) => length <= gibibyte));
  let [fileOffset, places] = [0n, [] as (readonly [bigint, bigint])[]];
  for (const read of reads) {
    assert.equal(read.fileOffset, fileOffset);
    fileOffset += read.length;
    assert.equal(
      read.pieces.reduce((sum, { length }) => sum + length, 0n),
      read.length,
    );
    for (const { address, length } of read.pieces) {
      const last = places.at(-1);
      if (last !== undefined && last[1] === address) places = [...places.slice(0, -1), [last[0], address + length]];
      else places.push([address, address + length]);
    }
  }
  assert.equal(fileOffset, size);
  assert.deepEqual(
    places,
    runs.map(({ address, pages }) => [address, address + BigInt(pages) * 4096n]),
  );
});
