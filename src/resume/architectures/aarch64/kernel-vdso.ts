import type { Emission } from "../../emission.ts";
import { Aarch64Assembler } from "../../machine-code/aarch64/assembler.ts";
import { Label } from "../../machine-code/assembler.ts";

const AT_SYSINFO_EHDR = 33;
const MREMAP_MAYMOVE_FIXED = 3;
/** It has 8 KiB (Linux 6.12). */
const room = 64 * 1024;
/** e_shoff and e_shnum of ELF64, and the size of a section header. */
const header = { sections: 0x28, count: 0x3c, sectionBits: 6 } as const;
const pageBits = 12;

/**
 * Handlers of programs that name no restorer (glibc names none) return into the vDSO that the kernel has mapped for the process
 * (arch/arm64/kernel/signal.c, setup_return). So it must stay, and it is moved to where the program lies: the kernel notes the move
 * (arch/arm64/kernel/vdso.c, vdso_mremap). Before anything else, while the stack is as the kernel has made it.
 */
export function emitKeepVdso({ program }: Emission): void {
  const code = Aarch64Assembler.of(program.code);
  const place = program.keepForKernel(room);
  const [environment, vector, search, found] = ["environment", "vector", "search", "found"].map((name) => new Label(name)) as [
    Label,
    Label,
    Label,
    Label,
  ];
  // Above the stack pointer: argc, argv and its 0, the environment and its 0, then pairs of a type and a value.
  code.getStack("kept");
  code.loadThrough("result", "kept");
  code.shiftLeft("result", 3);
  code.add("kept", "result");
  code.addImmediate("kept", 16);
  code.define(environment);
  code.loadThrough("result", "kept");
  code.addImmediate("kept", 8);
  code.compare("result", 0);
  code.jumpIf("notEqual", environment);
  code.jump(vector);
  code.define(search);
  code.addImmediate("kept", 16);
  code.define(vector);
  code.loadThrough("result", "kept");
  code.compare("result", AT_SYSINFO_EHDR);
  code.jumpIf("equal", found);
  code.compare("result", 0);
  code.jumpIf("notEqual", search);
  program.fail("find the kernel's vDSO");
  code.define(found);
  code.addImmediate("kept", 8);
  code.loadThrough("kept", "kept");
  // Its file ends with the section headers; it is mapped in whole pages, and can only be moved as a whole.
  code.moveRegister("counter", "kept");
  code.addImmediate("counter", header.sections);
  code.loadThrough("counter", "counter");
  code.loadThrough16("result", "kept", header.count);
  code.shiftLeft("result", header.sectionBits);
  code.add("counter", "result");
  code.addImmediate("counter", (1 << pageBits) - 1);
  code.shiftRight("counter", pageBits);
  code.shiftLeft("counter", pageBits);
  const fits = new Label("the vDSO fits");
  code.moveRegister("result", "counter");
  code.compare("result", room + 1);
  code.jumpIf("below", fits);
  program.fail("room for the kernel's vDSO");
  code.define(fits);
  program.call("munmap", [place, room], { describe: "room for the kernel's vDSO" });
  code.moveRegister("argument0", "kept");
  program.call("mremap", ["argument0", "counter", "counter", MREMAP_MAYMOVE_FIXED, place], {
    describe: "move the kernel's vDSO",
  });
}
