import type { Emission } from "../emission.ts";
import { commandLine } from "../emulators/emulator.ts";
import { Label } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { X86Assembler } from "../machine-code/x86_64/assembler.ts";
import { files } from "../resume-directory.ts";
import { idsOf } from "../tasks/births.ts";

/** The first word of the second stage's environment: eight bytes that no program is started with. qemu-user drops words without =. */
const secondStageMark = "\u0001stage2=";
const O_WRONLY = 1;
/** Pids below are not given out again after a wrap-around (RESERVED_PIDS in kernel/pid.c). */
const firstFreePid = 301;

/** The path that sets the next pid of the container's pid namespace (Documentation/admin-guide/sysctl/kernel.rst). */
export const nextPidFile = "/proc/sys/kernel/ns_last_pid";

/**
 * Under qemu-user a thread of the emulator itself takes a pid at its start, perhaps one that the process needs (tid 2 under
 * crun, 6 under runc, whose init used some itself). So the first stage sets the next pid far away and executes the
 * program again: exec ends all other threads, and the new emulator's thread gets a pid that nobody wants.
 */
export function emitFirstStage(emission: Emission): void {
  const { program, tree, target } = emission;
  const code = X86Assembler.of(program.code);
  const second = new Label("second stage");
  const first = new Label("first stage");
  code.raw(0x48, 0x8b, 0x1c, 0x24); // mov rbx, [rsp]: argc
  code.raw(0x48, 0x8b, 0x5c, 0xdc, 0x10); // mov rbx, [rsp+rbx*8+16]: envp[0]
  code.compare("rbx", 0);
  code.jumpIf("equal", first);
  code.move("rcx", new DataView(new TextEncoder().encode(`${secondStageMark}\0`).buffer).getBigUint64(0, true));
  code.raw(0x48, 0x39, 0x0b); // cmp [rbx], rcx
  code.jumpIf("equal", second);
  code.define(first);
  const pid = String(pidsFreeAfter(idsOf(tree)));
  emitStatusFile(program);
  program.call("openat", [AT_FDCWD, program.text(nextPidFile), O_WRONLY, 0], { describe: `open ${nextPidFile}` });
  code.moveRegister("rbx", "rax");
  program.call("write", ["kept", program.text(pid), pid.length], { describe: `write ${nextPidFile}` });
  const words = programWords(emission).map((word) => program.bytes(word, 1));
  // An emulator that is started by name shows the program's path as the first word.
  const start = target.start && commandLine(target.start, files).map((word) => program.text(word));
  const path = start === undefined ? program.text(files.program) : start[0]!;
  const argv = program.words([...(start === undefined ? words : [...start, ...words.slice(1)]), 0]);
  const environment = program.words([program.text(secondStageMark), 0]);
  program.call("execve", [path, argv, environment], { describe: "execute the second stage" });
  code.define(second);
}

/** The words of the first process's command line, each with its zero: the emulator shows its own in /proc/self/cmdline. */
function programWords({ images, process: { memory, pagemap } }: Emission): Uint8Array[] {
  const { mm_arg_start: start, mm_arg_end: end } = memory;
  const bytes = pagemap && end > start ? images.readPages(pagemap, start, Number(end - start)) : undefined;
  const words: Uint8Array[] = [];
  for (let from = 0; bytes !== undefined && from < bytes.length; ) {
    const zero = bytes.indexOf(0, from);
    const to = zero === -1 ? bytes.length : zero + 1;
    words.push(zero === -1 ? new Uint8Array([...bytes.subarray(from), 0]) : bytes.slice(from, to));
    from = to;
  }
  return words.length > 0 ? words : [new TextEncoder().encode(`${files.program}\0`)];
}

/** Opens the file that tells the tool how far the program came, at its number. */
export function emitStatusFile(program: Emission["program"]): void {
  const O_APPEND_CLOEXEC = 0o2002000;
  program.call("openat", [AT_FDCWD, program.text(files.status), O_WRONLY | O_APPEND_CLOEXEC, 0], { expect: "ignore" });
  program.code.moveRegister("kept", "result");
  program.call("dup3", ["kept", program.statusDescriptor, 0o2000000], { expect: "ignore" });
  program.call("close", ["kept"], { expect: "ignore" });
}

/** A pid after which 16 are wanted by none of `wanted`. */
export function pidsFreeAfter(wanted: readonly number[]): number {
  const gap = 16;
  let candidate = firstFreePid;
  for (const tid of wanted.toSorted((a, b) => a - b)) {
    if (tid > candidate + gap) break;
    if (tid >= candidate) candidate = tid + 1;
  }
  return candidate;
}
