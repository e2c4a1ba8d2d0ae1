import type { Layout } from "../layout.ts";
import type { InstructionSet } from "../machine-code/instruction-set.ts";

export const loaderSize = 4096;
const readWrite = 3;
const readWriteExecute = 7;
const MAP_PRIVATE_FIXED_ANONYMOUS = 0x32;

/**
 * The ELF's entry: copies the program's image, which follows this page in the file, into anonymous memory and jumps to
 * it. Nothing of the ELF file then needs to stay mapped: the kernel lets a process change /proc/self/exe only if nothing of
 * the old file is (kernel/sys.c, prctl_set_mm_exe_file).
 * @param imageSize bytes of code and data
 * @param totalSize bytes of code, data and scratch memory
 */
export function emitLoader(instructions: InstructionSet, layout: Layout, imageSize: number, totalSize: number): Uint8Array {
  const { syscalls, executableAfterWriting } = instructions;
  const code = instructions.makeAssembler();
  code.move("argument0", layout.program);
  code.move("argument1", BigInt(totalSize));
  code.move("argument2", BigInt(executableAfterWriting ? readWrite : readWriteExecute));
  code.move("argument3", BigInt(MAP_PRIVATE_FIXED_ANONYMOUS));
  code.move("argument4", -1n);
  code.move("argument5", 0n);
  code.move("number", BigInt(syscalls.mmap));
  code.syscall();
  code.move("argument1", layout.loader + BigInt(loaderSize));
  code.move("argument0", layout.program);
  code.move("temporary", BigInt(imageSize));
  code.copyBytes();
  if (executableAfterWriting) {
    code.move("argument0", layout.program);
    code.move("argument1", BigInt(totalSize));
    code.move("argument2", BigInt(readWriteExecute));
    code.move("number", BigInt(syscalls.mprotect));
    code.syscall();
  }
  code.jumpAbsolute(layout.program);
  const page = new Uint8Array(loaderSize);
  page.set(code.link(layout.loader, () => 0n));
  return page;
}
