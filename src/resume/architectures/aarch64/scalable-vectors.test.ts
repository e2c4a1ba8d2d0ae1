import assert from "node:assert/strict";
import test from "node:test";
import type { ProcessMemory } from "../../cpu/modules.ts";
import { readProcess } from "../../process.ts";
import { addresses, syntheticImages } from "../../testing/synthetic-images.ts";
import { refuseScalableVectors } from "./scalable-vectors.ts";

const sve = [16n, 1n << 22n, 0n, 0n];
const sme = [16n, 0n, 26n, 1n << 23n, 0n, 0n];
const neither = [16n, 0x8ffn, 26n, 0n, 0n, 0n];

/** @param svcAt where a system call's instruction is, from where the thread was stopped */
function refuse(mm_saved_auxv: bigint[], svcAt: bigint | undefined): void {
  const images = syntheticImages({ arm64: {}, memory: { mm_saved_auxv } });
  const process = readProcess(images, images.pstree[0]!);
  const read32 = (address: bigint): number => (address - addresses.code === svcAt ? 0xd400_0001 : 0xd503_201f);
  refuseScalableVectors(process, () => ({ read32 }) as unknown as ProcessMemory);
}

for (const [name, vector] of Object.entries({ sve, sme })) {
  test(`${name}: a thread in a system call is carried, one elsewhere is refused for now`, () => {
    refuse(vector, 0n);
    refuse(vector, -4n);
    for (const place of [undefined, 4n, -8n]) {
      assert.throws(() => refuse(vector, place), {
        code: "cannot-carry",
        message: /thread 1 was stopped outside of a system call on a CPU with SVE/,
      });
    }
  });
}

test("without them a thread may have been stopped anywhere", () => {
  refuse(neither, undefined);
  refuse([], undefined);
});
