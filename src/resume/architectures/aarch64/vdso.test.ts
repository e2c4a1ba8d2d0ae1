import assert from "node:assert/strict";
import test from "node:test";
import { vdsoFunction } from "./vdso.ts";

/** The bytes are those that LLVM's disassembler reads back as what stands here. */
const functions = {
  // mov x8, #113; svc #0; ret
  __kernel_clock_gettime: "280e80d2010000d4c0035fd6",
  // mov x8, #169
  __kernel_gettimeofday: "281580d2010000d4c0035fd6",
  // mov x8, #114
  __kernel_clock_getres: "480e80d2010000d4c0035fd6",
  // mov x8, #278
  __kernel_getrandom: "c82280d2010000d4c0035fd6",
} as const;

for (const [name, bytes] of Object.entries(functions)) {
  test(`vdso: ${name} becomes a system call`, () => {
    assert.equal(Buffer.from(vdsoFunction(name)!).toString("hex"), bytes);
  });
}

test("vdso: the return from handlers stays as it is", () => {
  for (const name of ["__kernel_rt_sigreturn", "", "clock_gettime"]) assert.equal(vdsoFunction(name), undefined);
});
