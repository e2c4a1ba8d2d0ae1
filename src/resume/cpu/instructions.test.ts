import assert from "node:assert/strict";
import test from "node:test";
import { instructionAt } from "./instructions.ts";

// As objdump shows them in Debian's libraries.
const instructions: Readonly<Record<string, string>> = {
  "62 e1 fe 48 6f 07": "vmovdqu64 (%rdi),%zmm16",
  "62 f3 7d 20 3f 07 00": "vpcmpeqb (%rdi),%ymm16,%k0",
  "62 f3 7d 48 25 c0 ff": "vpternlogd $0xff,%zmm0,%zmm0,%zmm0",
  "62 e1 fe 48 7f 84 17 00 ff ff ff": "vmovdqu64 %zmm16,-0x100(%rdi,%rdx,1)",
  "c5 fe 6f 07": "vmovdqu (%rdi),%ymm0",
  "c4 e3 7d 39 c1 01": "vextracti128 $0x1,%ymm0,%xmm1",
  "c4 e2 7d 78 c0": "vpbroadcastb %xmm0,%ymm0",
  "c5 f8 77": "vzeroupper",
  "c5 f9 d7 c0": "vpmovmskb %xmm0,%eax",
  "48 b8 88 77 66 55 44 33 22 11": "movabs $0x1122334455667788,%rax",
  "66 c7 04 24 34 12": "movw $0x1234,(%rsp)",
  "48 c7 44 24 08 78 56 34 12": "movq $0x12345678,0x8(%rsp)",
  "f6 05 11 22 33 44 01": "testb $0x1,0x44332211(%rip)",
  "f7 d8": "neg %eax",
  "f7 c7 00 01 00 00": "test $0x100,%edi",
  "66 2e 0f 1f 84 00 00 00 00 00": "cs nopw 0x0(%rax,%rax,1)",
  "66 0f 3a 0f c1 08": "palignr $0x8,%xmm1,%xmm0",
  "66 0f 38 00 c1": "pshufb %xmm1,%xmm0",
  "f3 0f 1e fa": "endbr64",
  "0f 84 10 00 00 00": "je",
  "e8 10 00 00 00": "call",
  "ff 25 11 22 33 44": "jmp *0x44332211(%rip)",
  "f3 a4": "rep movsb",
  "0f 05": "syscall",
  "c8 10 00 00": "enter $0x10,$0x0",
  "41 0f b6 04 24": "movzbl (%r12),%eax",
  "83 3c 85 00 10 40 00 05": "cmpl $0x5,0x401000(,%rax,4)",
  c3: "ret",
};
for (const [bytes, text] of Object.entries(instructions)) {
  test(`instructions: ${text}`, () => {
    const code = Uint8Array.from(bytes.split(" "), (byte) => Number.parseInt(byte, 16));
    const followed = Uint8Array.from([...code, ...new Array<number>(16).fill(0x90)]);
    assert.deepEqual(instructionAt(followed, 0), { length: code.length, evex: code[0] === 0x62 });
    assert.equal(instructionAt(code.subarray(0, -1), 0), undefined);
  });
}

test("instructions: what is none", () => {
  // Without its fixed bits 0x62 is BOUND, which 64-bit mode has not.
  for (const bytes of [[0x62, 0x08, 0xfe, 0x48, 0x6f, 0x07], [0x62, 0xe1, 0x00, 0x48, 0x6f, 0x07], [0x06], [0xd6], []]) {
    assert.equal(instructionAt(Uint8Array.from([...bytes]), 0), undefined);
  }
});
