import assert from "node:assert/strict";
import test from "node:test";
import { vmaStatus } from "../../criu/images/flags.ts";
import type { VmaEntry } from "../../criu/images/schema/index.ts";
import { memoryOf, moduleOf } from "../testing/synthetic-memory.ts";
import { findOwnChoices } from "./own-choices.ts";

const folder = "/usr/lib/x86_64-linux-gnu";
const crypto = moduleOf(`${folder}/libcrypto.so.3`, 0x7f00_0000_0000n);

test("own choices: a library with AVX-512 code is named, unless its choice is known", () => {
  const memory = memoryOf([crypto]);
  const [warning, ...more] = findOwnChoices(memory, new Set());
  assert.match(warning!, /^\/usr\/lib\/x86_64-linux-gnu\/libcrypto\.so\.3 has AVX-512 instructions/);
  assert.deepEqual(more, []);
  assert.deepEqual(findOwnChoices(memory, new Set([crypto])), []);
});

test("own choices: glibc's are made anew, and other libraries have none", () => {
  const modules = ["libc.so.6", "libstdc++.so.6"].map((name, index) =>
    moduleOf(`${folder}/${name}`, BigInt(0x7f10 + index) << 32n),
  );
  assert.deepEqual(findOwnChoices(memoryOf(modules), new Set()), []);
});

// vmovdqu64 zmm16, [rdi]; vpcmpeqb k0, ymm16, [rdi]; vpternlogd zmm0, zmm0, zmm0, 0xff, as binutils assembles them.
const avx512 = "62e1fe486f07 62f37d203f0700 62f37d4825c0ff".replaceAll(" ", "");
// vmovdqu ymm0, [rdi], and then 0x62 in an immediate.
const avx = "c5fe6f07 b862626262".replaceAll(" ", "");

for (const [what, code, found] of [
  ["for AVX-512", avx512, 1],
  ["for AVX", avx, 0],
] as const) {
  test(`own choices: machine code ${what} that was made at run time`, () => {
    const start = 0x1000_0000n;
    const page = new Uint8Array(4096).fill(0x90);
    page.set(Buffer.from(code, "hex"), 100);
    const memory = memoryOf([], new Map([[start, page]]));
    const vma = { start, end: start + 4096n, prot: 7, status: vmaStatus.REGULAR | vmaStatus.ANON_PRIVATE } as unknown as VmaEntry;
    const process = { ...memory.process, memory: { ...memory.process.memory, vmas: [vma] } };
    assert.equal(findOwnChoices({ ...memory, process }, new Set()).length, found);
  });
}
