import assert from "node:assert/strict";
import test from "node:test";
import { at, Label } from "../assembler.ts";
import { Aarch64Assembler } from "./assembler.ts";

const label = new Label("x");
const here = at(label);

/** Instructions at 0x100000, with x at 0x200abc. The bytes are those that LLVM's disassembler reads back as what stands here. */
const instructions: readonly (readonly [string, (code: Aarch64Assembler) => void, string])[] = [
  ["mov x0, #0", (code) => code.move("argument0", 0n), "000080d2"],
  ["mov x8, #222", (code) => code.move("number", 222n), "c81b80d2"],
  ["mov x0, #4294901760", (code) => code.move("argument0", 0xffff_0000n), "e0ffbfd2"],
  [
    "mov x5, #30600; movk x5, #21862, lsl #16; movk x5, #13124, lsl #32; movk x5, #4386, lsl #48",
    (code) => code.move("argument5", 0x1122_3344_5566_7788n),
    "05f18ed2c5acaaf28568c6f24524e2f2",
  ],
  ["mov x3, #-1", (code) => code.move("argument3", -1n), "03008092"],
  ["mov x3, #-4096", (code) => code.move("argument3", -4096n), "e3ff8192"],
  ["mov x19, #-3989504001", (code) => code.move("kept", 0xffff_ffff_1234_ffffn), "73b9bd92"],
  ["mov x19, x9", (code) => code.moveRegister("kept", "result"), "f30309aa"],
  ["mov x22, x21", (code) => code.moveRegister("failed", "message"), "f60315aa"],
  ["adrp x1, #x; add x1, x1, #2748", (code) => code.loadAddress("argument1", here), "0108009021f02a91"],
  ["adrp x21, #x; add x21, x21, #2752", (code) => code.loadAddress("message", at(label, 4)), "15080090b5022b91"],
  ["adrp x16, #x; add x16, x16, #2748; ldr x9, [x16]", (code) => code.load("result", here), "1008009010f22a91090240f9"],
  ["adrp x16, #x; add x16, x16, #2748; ldar w2, [x16]", (code) => code.load32("argument2", here), "1008009010f22a9102fedf88"],
  ["adrp x16, #x; add x16, x16, #2748; str x10, [x16]", (code) => code.store(here, "temporary"), "1008009010f22a910a0200f9"],
  [
    "adrp x16, #x; add x16, x16, #2748; mov x17, #9029; movk x17, #1, lsl #16; stlr w17, [x16]",
    (code) => code.store32(here, 0x12345),
    "1008009010f22a91b16884d23100a0f211fe9f88",
  ],
  [
    "adrp x16, #x; add x16, x16, #2748; ldaxr w17, [x16]; add w17, w17, #1; stlxr w15, w17, [x16]; cbnz w15, #-12",
    (code) => code.atomicIncrement32(here),
    "1008009010f22a9111fe5f883106001111fe0f88afffff35",
  ],
  ["str x9, [x10]", (code) => code.storeThrough("temporary", "result"), "490100f9"],
  ["ldr x1, [x19]", (code) => code.loadThrough("argument1", "kept"), "610240f9"],
  ["ldur w2, [x21, #-4]", (code) => code.loadBefore32("argument2", "message"), "a2c25fb8"],
  ["ldrh w9, [x19, #60]", (code) => code.loadThrough16("result", "kept", 0x3c), "697a4079"],
  ["cmn x9, #4095", (code) => code.compare("result", -4095), "3ffd3fb1"],
  ["cmp x9, #0", (code) => code.compare("result", 0), "3f0100f1"],
  ["mov x16, #4096; cmp x20, x16", (code) => code.compare("counter", 4096), "100082d29f0210eb"],
  ["mov x16, #4464; movk x16, #1, lsl #16; cmn x9, x16", (code) => code.compare("result", -70000), "102e82d23000a0f23f0110ab"],
  ["cmp x9, x10", (code) => code.compareRegister("result", "temporary"), "3f010aeb"],
  ["add x1, x1, x19", (code) => code.add("argument1", "kept"), "2100138b"],
  ["adds x19, x19, #8", (code) => code.addImmediate("kept", 8), "732200b1"],
  ["subs x20, x20, #1", (code) => code.addImmediate("counter", -1), "940600f1"],
  ["mov x16, #65536; adds x19, x19, x16", (code) => code.addImmediate("kept", 65536), "3000a0d2730210ab"],
  ["lsr x19, x19, #47", (code) => code.shiftRight("kept", 47), "73fe6fd3"],
  ["lsl x9, x9, #3", (code) => code.shiftLeft("result", 3), "29f17dd3"],
  ["neg x10, x10", (code) => code.negate("temporary"), "ea030acb"],
  ["b #1051324", (code) => code.jump(label), "af020414"],
  ["b.hs #8; b #1051320", (code) => code.jumpIf("below", label), "42000054ae020414"],
  ["b.lo #8; b #1051320", (code) => code.jumpIf("aboveOrEqual", label), "43000054ae020414"],
  ["b.ne #8; b #1051320", (code) => code.jumpIf("equal", label), "41000054ae020414"],
  ["b.eq #8; b #1051320", (code) => code.jumpIf("notEqual", label), "40000054ae020414"],
  ["b.pl #8; b #1051320", (code) => code.jumpIf("signed", label), "45000054ae020414"],
  ["svc #0; mov x9, x0", (code) => code.syscall(), "010000d4e90300aa"],
  [
    "cmp x10, #8; b.lo #20; ldr x16, [x1], #8; str x16, [x0], #8; sub x10, x10, #8; b #-20; cbz x10, #20; ldrb w16, [x1], #1; strb w16, [x0], #1; sub x10, x10, #1; b #-16",
    (code) => code.copyBytes(),
    "5f2100f1a3000054308440f8108400f84a2100d1fbffff17aa0000b430144038101400384a0500d1fcffff17",
  ],
  [
    "mov x10, #16; and x16, x22, #15; cmp x16, #10; b.lo #8; add x16, x16, #39; add x16, x16, #48; strb w16, [x1, #-1]!; lsr x22, x22, #4; sub x10, x10, #1; cbnz x10, #-32",
    (code) => code.writeDigits(),
    "0a0280d2d00e40921f2a00f143000054109e009110c2009130fc1f38d6fe44d34a0500d10affffb5",
  ],
  [
    "mov x16, #30600; movk x16, #21862, lsl #16; movk x16, #13124, lsl #32; movk x16, #4386, lsl #48; isb; br x16",
    (code) => code.jumpAbsolute(0x1122_3344_5566_7788n),
    "10f18ed2d0acaaf29068c6f25024e2f2df3f03d500021fd6",
  ],
  ["msr TPIDR_EL0, x10", (code) => code.setThreadPointer("temporary"), "4ad01bd5"],
  ["mov sp, x10", (code) => code.setStack("temporary"), "5f010091"],
  ["mov x19, sp", (code) => code.getStack("kept"), "f3030091"],
];

for (const [text, emit, bytes] of instructions) {
  test(`assembler: ${text}`, () => {
    const code = new Aarch64Assembler();
    emit(code);
    assert.equal(Buffer.from(code.link(0x10_0000n, () => 0x20_0abcn)).toString("hex"), bytes);
    assert.equal(code.length, bytes.length / 2);
  });
}

test("assembler: jumps in both directions", () => {
  const code = new Aarch64Assembler();
  const [back, forth] = [new Label("back"), new Label("forth")];
  code.define(back);
  code.jump(forth);
  code.jump(back);
  code.define(forth);
  assert.deepEqual([forth.section, forth.offset], ["code", 8]);
  const linked = code.link(0n, ({ offset }) => BigInt(offset));
  assert.equal(Buffer.from(linked).toString("hex"), "02000014ffffff17"); // b #8; b #-4
});

test("assembler: a place that lies behind the instruction", () => {
  const code = new Aarch64Assembler();
  code.loadAddress("argument0", here);
  // adrp x0, #-8192; add x0, x0, #16
  assert.equal(Buffer.from(code.link(0x5000n, () => 0x3010n)).toString("hex"), "e0ffffd000400091");
});

test("assembler: what is out of reach is an error, not a wrong address", () => {
  const address = new Aarch64Assembler();
  address.loadAddress("result", here);
  assert.throws(() => address.link(0n, () => 1n << 32n), RangeError);
  assert.throws(() => address.link(1n << 40n, () => 0n), RangeError);
  assert.ok(address.link(0n, () => (1n << 32n) - 1n));
  const jump = new Aarch64Assembler();
  jump.jump(label);
  assert.throws(() => jump.link(0n, () => 1n << 27n), RangeError);
  assert.ok(jump.link(0n, () => (1n << 27n) - 4n));
});
