import type { Layout } from "../layout.ts";
import { Assembler } from "../machine-code/assembler.ts";
import { syscallNumbers } from "../machine-code/syscalls.ts";

export const loaderSize = 4096;
const readWriteExecute = 7;
const MAP_PRIVATE_FIXED_ANONYMOUS = 0x32;

/**
 * The ELF's entry: copies the program's image, which follows this page in the file, into anonymous memory and jumps to
 * it. Nothing of the ELF file then needs to stay mapped: the kernel lets a process change /proc/self/exe only if nothing of
 * the old file is (kernel/sys.c, prctl_set_mm_exe_file).
 * @param imageSize bytes of code and data
 * @param totalSize bytes of code, data and scratch memory
 */
export function emitLoader(layout: Layout, imageSize: number, totalSize: number): Uint8Array {
  const code = new Assembler();
  code.move("rdi", layout.program);
  code.move("rsi", BigInt(totalSize));
  code.move("rdx", BigInt(readWriteExecute));
  code.move("r10", BigInt(MAP_PRIVATE_FIXED_ANONYMOUS));
  code.move("r8", -1n);
  code.move("r9", 0n);
  code.move("rax", BigInt(syscallNumbers.mmap));
  code.syscall();
  code.move("rsi", layout.loader + BigInt(loaderSize));
  code.move("rdi", layout.program);
  code.move("rcx", BigInt(imageSize));
  code.copyBytes();
  code.jumpAbsolute(layout.program);
  const page = new Uint8Array(loaderSize);
  page.set(code.link(layout.loader, () => 0n));
  return page;
}
