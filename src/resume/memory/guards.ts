import type { Emission } from "../emission.ts";
import { Label } from "../machine-code/assembler.ts";
import { guardRegions } from "../process.ts";
import { protection } from "./memory.ts";

const MADV_GUARD_INSTALL = 102;

/**
 * Pages that fault, below the stacks of threads for one (glibc ≥ 2.42 on Linux ≥ 6.13). Where the kernel has no such
 * guards, a range without any permission does the same at the cost of a VMA. So it is under qemu-user, which says yes to advice
 * that it doesn't know and does nothing (linux-user/mmap.c, target_madvise).
 */
export function emitGuards({ program, process, target }: Emission): void {
  for (const { start, end } of guardRegions(process)) {
    const done = new Label("guarded");
    if (target.execution === "native") {
      program.call("madvise", [start, end - start, MADV_GUARD_INSTALL], { expect: "ignore" });
      program.code.compare("result", 0);
      program.code.jumpIf("equal", done);
    }
    program.call("mprotect", [start, end - start, protection.NONE], { describe: `guard pages at 0x${start.toString(16)}` });
    program.code.define(done);
  }
}
