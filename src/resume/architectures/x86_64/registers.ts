import type { UserX86RegsEntry } from "../../../criu/images/schema/index.ts";
import type { Emission } from "../../emission.ts";
import { X86Assembler, type X86Register } from "../../machine-code/x86_64/assembler.ts";
import { x86Syscalls } from "../../machine-code/x86_64/syscalls.ts";
import type { ResumedThread } from "../../process.ts";
import { emitSeccomp } from "../../tasks/seccomp.ts";
import { type ExtendedState, emitLoadExtendedState } from "./extended-state.ts";
import { stateOfX86 } from "./state.ts";

const EINTR = 4n;
const RESUME_FLAG = 0x10000n;
const redZone = 128n;
const SIG_SETMASK = 2;

/**
 * Calls that CRIU leaves with EINTR, since the kernel keeps the rest of their time-out to itself
 * (ERESTART_RESTARTBLOCK) or never restarts them (epoll_wait, …): they are made again, with their whole time-out.
 */
const restarted: ReadonlySet<bigint> = new Set(
  (["poll", "select", "nanosleep", "clock_nanosleep", "futex", "epoll_wait", "epoll_pwait", "ppoll", "pselect6"] as const).map(
    (name) => BigInt(x86Syscalls[name]),
  ),
);
/** The length of the `syscall` instruction. */
const syscallLength = 2n;

/** The registers with which a thread goes on. */
export function resumedRegisters(registers: UserX86RegsEntry): UserX86RegsEntry {
  const interrupted = registers.ax === BigInt.asUintN(64, -EINTR) && restarted.has(registers.orig_ax);
  return interrupted ? { ...registers, ax: registers.orig_ax, ip: registers.ip - syscallLength } : registers;
}

/**
 * The last instructions of a thread in this program: its signal mask, extended state, flags, general registers, and
 * the jump to the interrupted instruction. The stack pointer stays below the program's red zone meanwhile, so a signal
 * that comes in between finds a stack.
 */
export function emitRegisters(emission: Emission, thread: ResumedThread, state: ExtendedState): void {
  const { program } = emission;
  const code = X86Assembler.of(program.code);
  const { core, entry } = thread;
  const registers = resumedRegisters(stateOfX86(thread).gpregs);
  code.move("rsp", registers.sp - redZone);
  // CRIU keeps the main thread's mask in the process's entry (criu/parasite-syscall.c, parasite_infect_seized).
  const mask = core.blk_sigset ?? entry.tc?.blk_sigset ?? 0n;
  program.call("rt_sigprocmask", [SIG_SETMASK, program.words([mask]), 0, 8], { expect: "ignore" });
  emitSeccomp(emission, thread);
  emitLoadExtendedState(emission, state);
  code.pushFrom(program.words([(registers.flags & ~RESUME_FLAG) | 2n]));
  code.popFlags();
  const values: readonly (readonly [X86Register, bigint])[] = [
    ["rcx", registers.cx],
    ["rdx", registers.dx],
    ["rbx", registers.bx],
    ["rbp", registers.bp],
    ["rsi", registers.si],
    ["rdi", registers.di],
    ["r8", registers.r8],
    ["r9", registers.r9],
    ["r10", registers.r10],
    ["r11", registers.r11],
    ["r12", registers.r12],
    ["r13", registers.r13],
    ["r14", registers.r14],
    ["r15", registers.r15],
    ["rax", registers.ax],
    ["rsp", registers.sp],
  ];
  for (const [register, value] of values) code.move(register, value);
  code.jumpAbsolute(registers.ip);
}
