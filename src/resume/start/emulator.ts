import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { filePath } from "../process.ts";
import { files, resumeDirectory } from "../resume-directory.ts";
import { processesOf } from "../tree.ts";

const MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
/** RSEQ_CPU_ID_REGISTRATION_FAILED (include/uapi/linux/rseq.h). */
const registrationFailed = 0xffff_fffen;

/**
 * qemu-user has no rseq: each thread's structure is made to say what glibc writes where registration fails, so that
 * sched_getcpu() asks the kernel.
 */
export function emitRseqWithout({ program, process }: Emission): void {
  for (const { core } of process.threads) {
    const pointer = core.rseq_entry?.rseq_abi_pointer ?? 0n;
    if (pointer === 0n) continue; // musl, Go and static programs register none
    program.code.move("temporary", pointer);
    program.code.move("result", registrationFailed << 32n);
    program.code.storeThrough("temporary", "result", 64);
  }
}

/**
 * qemu-user ≥ 8 on a 48-bit host answers mmap(NULL) with addresses above 2^47, which no x86_64 kernel gives: jemalloc
 * sign-extends bit 47 and dies (seen with 10.0.13 and 11.1.3). What is free there is reserved. Only if the first answer
 * lies there: 7.2 does not do this, and keeps a table entry for each page, so reserving would cost it dearly.
 */
export function emitReserveHighAddresses({ program }: Emission): void {
  const { code } = program;
  const done = new Label("nothing above 2^47");
  const again = new Label("reserve again");
  const smaller = new Label("reserve less");
  const unmapLast = new Label("unmap the last");
  const map = (): void => {
    code.move("argument0", 0n);
    code.moveRegister("argument1", "counter");
    program.call("mmap", ["argument0", "argument1", 0, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1n, 0], { expect: "ignore" });
    code.moveRegister("kept", "result");
  };
  code.move("counter", 4096n);
  map();
  program.call("munmap", ["kept", "counter"], { expect: "ignore" });
  code.shiftRight("kept", 47);
  code.compare("kept", 0);
  code.jumpIf("equal", done);
  code.move("counter", 1n << 46n);
  code.define(again);
  map();
  code.compare("kept", -4095);
  code.jumpIf("aboveOrEqual", smaller);
  code.moveRegister("temporary", "kept");
  code.shiftRight("temporary", 47);
  code.compare("temporary", 0);
  code.jumpIf("equal", unmapLast);
  code.jump(again);
  code.define(unmapLast);
  program.call("munmap", ["kept", "counter"], { expect: "ignore" });
  code.define(smaller);
  code.shiftRight("counter", 1);
  code.compare("counter", 4096);
  code.jumpIf("aboveOrEqual", again);
  code.define(done);
}

/**
 * qemu-user resolves /proc/self/exe by the path it was started with. The program's file becomes a symbolic link to the
 * process's executable, so that a program that executes itself starts itself, not the checkpoint again.
 */
export function emitExecutableLink({ program, process, images, unlinked, tree, notes }: Emission): void {
  const path = filePath(images, process.memory.exe_file_id);
  if (unlinked.has(process.memory.exe_file_id))
    notes.push(`the executable ${path} is deleted: under the emulator the program can't execute itself again`);
  const link = program.text(`${resumeDirectory}/executable`);
  program.call("symlinkat", [program.text(path), AT_FDCWD, link], { describe: `link to ${path}` });
  program.call("renameat", [AT_FDCWD, link, AT_FDCWD, program.text(files.program)], { describe: `link to ${path}` });
  // The path is the same for all emulators of a tree.
  for (const { pid, task, memory } of processesOf(tree)) {
    const own = filePath(images, memory.exe_file_id);
    if (own !== path)
      notes.push(`process ${pid} (${task.comm}): under the emulator /proc/self/exe names ${path} to it, not ${own}`);
  }
}
