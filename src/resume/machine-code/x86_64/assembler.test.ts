import assert from "node:assert/strict";
import test from "node:test";
import { at, Label } from "../assembler.ts";
import { X86Assembler } from "./assembler.ts";

const label = new Label("x");
const here = at(label);

/** Instructions at 0x1000, with x at 0x2000. The bytes are those that binutils' disassembler reads back as what stands here. */
const instructions: readonly (readonly [string, (code: X86Assembler) => void, string])[] = [
  ["mov eax, 0x1", (code) => code.move("rax", 1n), "b801000000"],
  ["mov r9d, 0xffffffff", (code) => code.move("r9", 0xffff_ffffn), "41b9ffffffff"],
  ["movabs rdi, 0x100000000", (code) => code.move("rdi", 1n << 32n), "48bf0000000001000000"],
  ["movabs r15, -1", (code) => code.move("r15", -1n), "49bfffffffffffffffff"],
  ["mov rbx, rax", (code) => code.moveRegister("rbx", "rax"), "4889c3"],
  ["mov r12, r9", (code) => code.moveRegister("r12", "r9"), "4d89cc"],
  ["lea rsi, [x]", (code) => code.loadAddress("rsi", here), "488d35f90f0000"],
  ["lea r14, [x+4]", (code) => code.loadAddress("r14", at(label, 4)), "4c8d35fd0f0000"],
  ["mov rax, [x]", (code) => code.load("rax", here), "488b05f90f0000"],
  ["mov r8, [x]", (code) => code.load("r8", here), "4c8b05f90f0000"],
  ["mov eax, [x]", (code) => code.load32("rax", here), "8b05fa0f0000"],
  ["mov r10d, [x]", (code) => code.load32("r10", here), "448b15f90f0000"],
  ["mov [x], rcx", (code) => code.store(here, "rcx"), "48890df90f0000"],
  ["mov [x], r11", (code) => code.store(here, "r11"), "4c891df90f0000"],
  ["mov dword [x], 0x12345678", (code) => code.store32(here, 0x1234_5678), "c705f60f000078563412"],
  ["lock inc dword [x]", (code) => code.atomicIncrement32(here), "f0ff05f90f0000"],
  ["mov [rcx], rax", (code) => code.storeThrough("rcx", "rax", 64), "488901"],
  ["mov [rcx], eax", (code) => code.storeThrough("rcx", "rax", 32), "408901"],
  ["mov [rcx], ax", (code) => code.storeThrough("rcx", "rax", 16), "66408901"],
  ["mov [r8], r15", (code) => code.storeThrough("r8", "r15", 64), "4d8938"],
  ["mov rsi, [rbx]", (code) => code.loadThrough("rsi", "rbx"), "488b33"],
  ["mov r10, [rbx]", (code) => code.loadThrough("r10", "rbx"), "4c8b13"],
  ["cmp rax, -4095", (code) => code.compare("rax", -4095), "4881f801f0ffff"],
  ["cmp r12, 4096", (code) => code.compare("r12", 4096), "4981fc00100000"],
  ["cmp rax, rcx", (code) => code.compareRegister("rax", "rcx"), "4839c8"],
  ["cmp r9, rdx", (code) => code.compareRegister("r9", "rdx"), "4939d1"],
  ["add rdi, rbx", (code) => code.add("rdi", "rbx"), "4801df"],
  ["add r13, rbx", (code) => code.add("r13", "rbx"), "4901dd"],
  ["add rsp, 16", (code) => code.addImmediate("rsp", 16), "4881c410000000"],
  ["add r10, -1", (code) => code.addImmediate("r10", -1), "4981c2ffffffff"],
  ["shr rbx, 47", (code) => code.shiftRight("rbx", 47), "48c1eb2f"],
  ["shr r12, 1", (code) => code.shiftRight("r12", 1), "49c1ec01"],
  ["neg rcx", (code) => code.negate("rcx"), "48f7d9"],
  ["neg r9", (code) => code.negate("r9"), "49f7d9"],
  ["jmp x", (code) => code.jump(label), "e9fb0f0000"],
  ["jb x", (code) => code.jumpIf("below", label), "0f82fa0f0000"],
  ["jae x", (code) => code.jumpIf("aboveOrEqual", label), "0f83fa0f0000"],
  ["je x", (code) => code.jumpIf("equal", label), "0f84fa0f0000"],
  ["jne x", (code) => code.jumpIf("notEqual", label), "0f85fa0f0000"],
  ["js x", (code) => code.jumpIf("signed", label), "0f88fa0f0000"],
  ["call rax", (code) => code.callRegister("rax"), "ffd0"],
  ["call r11", (code) => code.callRegister("r11"), "41ffd3"],
  ["syscall", (code) => code.syscall(), "0f05"],
  ["push [x]", (code) => code.pushFrom(here), "ff35fa0f0000"],
  ["popf", (code) => code.popFlags(), "9d"],
  ["xrstor64 [rdi]", (code) => code.restoreExtendedState(), "480fae2f"],
  ["cld; rep movsb", (code) => code.copyBytes(), "fcf3a4"],
  ["cpuid", (code) => code.cpuid(), "0fa2"],
  ["jmp [rip]; 0x1122334455667788", (code) => code.jumpAbsolute(0x1122_3344_5566_7788n), "ff25000000008877665544332211"],
];

for (const [text, emit, bytes] of instructions) {
  test(`assembler: ${text}`, () => {
    const code = new X86Assembler();
    emit(code);
    assert.equal(Buffer.from(code.link(0x1000n, () => 0x2000n)).toString("hex"), bytes);
    assert.equal(code.length, bytes.length / 2);
  });
}

test("assembler: jumps in both directions", () => {
  const code = new X86Assembler();
  const [back, forth] = [new Label("back"), new Label("forth")];
  code.define(back);
  code.jump(forth);
  code.jump(back);
  code.define(forth);
  assert.deepEqual([forth.section, forth.offset], ["code", 10]);
  const linked = code.link(0n, ({ offset }) => BigInt(offset));
  assert.equal(Buffer.from(linked).toString("hex"), "e905000000e9f6ffffff");
});

test("assembler: more code than it has room for at first", () => {
  const code = new X86Assembler();
  for (let count = 0; count < 100_000; count++) code.syscall();
  const linked = code.link(0n, () => 0n);
  assert.equal(linked.length, 200_000);
  assert.ok(linked.every((byte, index) => byte === (index % 2 === 0 ? 0x0f : 0x05)));
});

test("assembler: an address that 32 bits don't reach is an error, not a wrong one", () => {
  const code = new X86Assembler();
  code.loadAddress("rax", here);
  assert.throws(() => code.link(0n, () => 1n << 32n), RangeError);
  assert.throws(() => code.link(1n << 40n, () => 0n), RangeError);
  assert.ok(code.link(0n, () => (1n << 31n) - 1n));
});
