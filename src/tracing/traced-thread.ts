import { block, type SystemCalls } from "./system-calls.ts";

/** System calls of x86-64, requests of ptrace (include/uapi/linux/ptrace.h) and what wait4 says. */
const call = { wait4: 61, ptrace: 101 } as const;
const request = {
  PEEKTEXT: 1,
  POKETEXT: 4,
  POKEUSER: 6,
  CONT: 7,
  GETREGS: 12,
  DETACH: 17,
  SEIZE: 0x4206,
  INTERRUPT: 0x4207,
  GETSIGMASK: 0x420a,
  SETSIGMASK: 0x420b,
} as const;
const WNOHANG = 1;
const WALL = 0x4000_0000;
const SIGTRAP = 5;
/** PTRACE_EVENT_STOP: it is stopped, and not for a signal. */
const eventStop = 128;
/** Offsets in struct user_regs_struct, and of debug registers in struct user (arch/x86/include/asm/user_64.h). */
const offset = { ip: 128, sp: 152, debugRegister: 848 } as const;
const enableFirstBreakpoint = 1;
/** INT3. The thread stops behind it. */
const trapInstruction = 0xccn;
const signalSetSize = 8;

/**
 * Signals whose cause is an instruction: where they are blocked, the kernel takes the handler away (kernel/signal.c,
 * force_sig_info_to_task). ILL, TRAP, BUS, FPE, SEGV.
 */
const synchronous = [4, 5, 7, 8, 11].reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);

/** A thread that is traced. All of its methods but `seize`, `interrupt` and `waitForStop` need it to be stopped. */
export class TracedThread {
  readonly tid: number;
  readonly #calls: SystemCalls;
  /** The signal with which it last stopped, which it has not been given yet. */
  #signal = 0;

  private constructor(calls: SystemCalls, tid: number) {
    this.#calls = calls;
    this.tid = tid;
  }

  /** @returns undefined when the thread has ended. @throws Error when it can't be traced */
  static async seize(calls: SystemCalls, tid: number): Promise<TracedThread | undefined> {
    const thread = new TracedThread(calls, tid);
    const ESRCH = -3n;
    const { result } = await calls.call(call.ptrace, [request.SEIZE, tid, 0, 0]);
    if (result === ESRCH) return undefined;
    if (result !== 0n) throw new Error(`thread ${tid} can't be traced (error ${-result})`);
    await thread.interrupt();
    return thread;
  }

  async interrupt(): Promise<void> {
    await this.#ptrace(request.INTERRUPT, 0, 0);
  }

  /** @returns `trap` at a breakpoint; `running` when it has not stopped in this moment */
  async look(): Promise<"stopped" | "trap" | "running" | "ended"> {
    const { result, memory } = await this.#calls.call(call.wait4, [this.tid, block, WNOHANG | WALL, 0]);
    if (result === 0n) return "running";
    const status = memory.getInt32(0, true);
    if (result < 0n || (status & 0xff) !== 0x7f) return "ended";
    const signal = (status >> 8) & 0xff;
    if (status >> 16 === eventStop) return "stopped";
    if (signal === SIGTRAP) return "trap";
    this.#signal = signal;
    return "stopped";
  }

  /** Whether a signal waits that it must be given before it can go on. */
  get hasSignal(): boolean {
    return this.#signal !== 0;
  }

  async registers(): Promise<{ readonly instruction: bigint; readonly stackPointer: bigint }> {
    const { memory } = await this.#ptrace(request.GETREGS, 0, block);
    return { instruction: memory.getBigUint64(offset.ip, true), stackPointer: memory.getBigUint64(offset.sp, true) };
  }

  /** Blocks all signals that come from elsewhere. @returns the mask that it had */
  async blockSignals(): Promise<bigint> {
    const { memory } = await this.#ptrace(request.GETSIGMASK, signalSetSize, block);
    const mask = memory.getBigUint64(0, true);
    await this.setSignalMask(mask | (~synchronous & 0xffff_ffff_ffff_ffffn));
    return mask;
  }

  async setSignalMask(mask: bigint): Promise<void> {
    const bytes = new Uint8Array(signalSetSize);
    new DataView(bytes.buffer).setBigUint64(0, mask, true);
    await this.#ptrace(request.SETSIGMASK, signalSetSize, block, bytes);
  }

  /** Sets a breakpoint of the CPU, which other threads don't have; undefined takes it away. */
  async setBreakpoint(address: bigint | undefined): Promise<void> {
    const control = offset.debugRegister + 7 * 8;
    await this.#ptrace(request.POKEUSER, control, 0);
    await this.#ptrace(request.POKEUSER, offset.debugRegister, address ?? 0);
    if (address !== undefined) await this.#ptrace(request.POKEUSER, control, enableFirstBreakpoint);
  }

  /**
   * Writes a breakpoint into the code: for CPUs and hypervisors on which those of the CPU are never met. No other thread that has this
   * memory may run meanwhile.
   * @returns what was there, for `takeOut`
   */
  async plant(address: bigint): Promise<bigint> {
    const { memory } = await this.#ptrace(request.PEEKTEXT, address, block);
    const word = memory.getBigUint64(0, true);
    await this.#ptrace(request.POKETEXT, address, (word & ~0xffn) | trapInstruction);
    return word;
  }

  /** Takes a planted breakpoint out. A thread that has met it stands where it was afterwards. */
  async takeOut(address: bigint, word: bigint): Promise<void> {
    await this.#ptrace(request.POKETEXT, address, word);
    const { instruction } = await this.registers();
    if (instruction === address + 1n) await this.#ptrace(request.POKEUSER, offset.ip, address);
  }

  async continue(): Promise<void> {
    await this.#ptrace(request.CONT, 0, 0);
  }

  /** Lets it go, with the signal that it stopped for. A thread that has ended meanwhile is none the worse for it. */
  async detach(): Promise<void> {
    await this.#calls.call(call.ptrace, [request.DETACH, this.tid, 0, this.#signal]);
  }

  async #ptrace(
    what: number,
    address: number | bigint,
    data: number | bigint,
    memory?: Uint8Array,
  ): Promise<{ memory: DataView }> {
    const answer = await this.#calls.call(call.ptrace, [what, this.tid, address, data], memory);
    if (answer.result < 0n) throw new Error(`ptrace request ${what} for thread ${this.tid} gave error ${-answer.result}`);
    return answer;
  }
}
