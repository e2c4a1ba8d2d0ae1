/** The architectures there is a program for, as `uname -m` says them. */
export type TinyArchitecture = "x86_64" | "aarch64";

/** What the program writes one byte to every 50 ms. It empties the file when it starts, and only then. */
export const ticksFile = "ticks";

/**
 * openat(AT_FDCWD, "/ticks", O_WRONLY|O_CREAT|O_TRUNC|O_APPEND, 0600); for (;;) { write(fd, ".", 1); nanosleep(&time, NULL); }
 * as an assembler makes it; ARM64's words are written as their numbers, not as their bytes.
 */
const instructions: Readonly<Record<TinyArchitecture, readonly string[]>> = {
  x86_64: [
    "b801010000", // mov $257, %eax
    "48c7c79cffffff", // mov $-100, %rdi
    "488d354e000000", // lea path(%rip), %rsi
    "ba41060000", // mov $0x641, %edx
    "41ba80010000", // mov $0600, %r10d
    "0f05", // syscall
    "89c3", // mov %eax, %ebx
    "b801000000", // again: mov $1, %eax
    "89df", // mov %ebx, %edi
    "488d3530000000", // lea mark(%rip), %rsi
    "ba01000000", // mov $1, %edx
    "0f05", // syscall
    "b823000000", // mov $35, %eax
    "488d3d0d000000", // lea time(%rip), %rdi
    "31f6", // xor %esi, %esi
    "0f05", // syscall
    "ebd9", // jmp again
    "0f1f8000000000", // nop, up to a multiple of 8
  ],
  aarch64: [
    "d2800708", // mov x8, #56
    "92800c60", // mov x0, #-100
    "30000281", // adr x1, path
    "d280c822", // mov x2, #0x641
    "d2803003", // mov x3, #0600
    "d4000001", // svc #0
    "aa0003f3", // mov x19, x0
    "d2800808", // again: mov x8, #64
    "aa1303e0", // mov x0, x19
    "100001a1", // adr x1, mark
    "d2800022", // mov x2, #1
    "d4000001", // svc #0
    "d2800ca8", // mov x8, #101
    "100000a0", // adr x0, time
    "d2800001", // mov x1, #0
    "d4000001", // svc #0
    "17fffff7", // b again
    "d503201f", // nop
  ],
};

const nanoseconds = 50_000_000n;

/** time, mark and path, which follow the instructions. */
function data(): Buffer {
  const time = Buffer.alloc(16);
  time.writeBigInt64LE(nanoseconds, 8);
  return Buffer.concat([time, Buffer.from(`./${ticksFile}\0`)]);
}

const machines: Readonly<Record<TinyArchitecture, number>> = { x86_64: 62, aarch64: 183 };
const headersSize = 64 + 56;
const address = 0x40_0000n;

/** A static program that needs no other file: a header, one segment, and what it says above (System V ABI, chapters 4 and 5). */
export function tinyProgram(architecture: TinyArchitecture): Uint8Array {
  const words = instructions[architecture].map((word) => Buffer.from(word, "hex"));
  const code = Buffer.concat(architecture === "aarch64" ? words.map((word) => word.reverse()) : words);
  const headers = Buffer.alloc(headersSize);
  const content = Buffer.concat([headers, code, data()]);
  content.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  content.writeUInt16LE(2, 16); // ET_EXEC
  content.writeUInt16LE(machines[architecture], 18);
  content.writeUInt32LE(1, 20);
  content.writeBigUInt64LE(address + BigInt(headersSize), 24);
  content.writeBigUInt64LE(64n, 32);
  content.writeUInt16LE(64, 52);
  content.writeUInt16LE(56, 54);
  content.writeUInt16LE(1, 56);
  content.writeUInt32LE(1, 64); // PT_LOAD
  content.writeUInt32LE(5, 68); // read and execute
  content.writeBigUInt64LE(address, 80);
  content.writeBigUInt64LE(address, 88);
  content.writeBigUInt64LE(BigInt(content.length), 96);
  content.writeBigUInt64LE(BigInt(content.length), 104);
  // Some ARM64 kernels have pages of 64 KiB.
  content.writeBigUInt64LE(0x1_0000n, 112);
  return content;
}
