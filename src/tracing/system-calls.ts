import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { writeElf } from "../resume/elf/writer.ts";
import { at, Label } from "../resume/machine-code/assembler.ts";
import { X86Assembler, type X86Register } from "../resume/machine-code/x86_64/assembler.ts";
import { x86InstructionSet } from "../resume/machine-code/x86_64/instruction-set.ts";
import { x86Syscalls } from "../resume/machine-code/x86_64/syscalls.ts";

/** What goes in and out of the program at once: the number, six arguments, the result, then memory that arguments may point to. */
const words = 8;
const blockSize = 512;
const messageSize = 8 * words + blockSize;
const address = 0x10_000_000n;
const dataAddress = address + 0x1000n;
const readWriteExecute = 7;
const argumentRegisters: readonly X86Register[] = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];

/** The address of the memory that arguments may point to. */
export const block = dataAddress + BigInt(8 * words);

/** A program that makes the system calls it is told on its standard input: Node.js itself has no way to call ptrace. */
function helperProgram(): Uint8Array {
  const code = new X86Assembler();
  const message = new Label("message");
  message.section = "data";
  const [again, end] = [new Label("again"), new Label("end")];
  const transfer = (name: "read" | "write", descriptor: bigint): void => {
    code.move("rax", BigInt(x86Syscalls[name]));
    code.move("rdi", descriptor);
    code.loadAddress("rsi", at(message));
    code.move("rdx", BigInt(messageSize));
    code.syscall();
    code.compare("rax", messageSize);
    code.jumpIf("notEqual", end);
  };
  code.define(again);
  transfer("read", 0n);
  code.load("rax", at(message));
  for (const [index, register] of argumentRegisters.entries()) code.load(register, at(message, 8 * (index + 1)));
  code.syscall();
  code.store(at(message, 8 * 7), "rax");
  transfer("write", 1n);
  code.jump(again);
  code.define(end);
  code.move("rax", BigInt(x86Syscalls.exit));
  code.move("rdi", 0n);
  code.syscall();
  const content = code.link(address, (label) => (label === message ? dataAddress : address + BigInt(label.offset)));
  return writeElf(x86InstructionSet.elfMachine, address, [
    { address, flags: readWriteExecute, content, memorySize: 0x1000n + BigInt(messageSize) },
  ]);
}

/** One process that makes system calls, one after the other. It ends with this object; what it traced then goes on untraced. */
export class SystemCalls implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;

  private constructor(folder: string, child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#folder = folder;
    this.#child = child;
  }

  /** @param directory where the program may be put for the time being: programs in it can be executed */
  static async open(directory: string): Promise<SystemCalls> {
    const folder = await mkdtemp(join(directory, "system-calls-"));
    const program = join(folder, "helper");
    await writeFile(program, helperProgram(), { mode: 0o700 });
    const child = spawn(program, [], { stdio: ["pipe", "pipe", "ignore"] });
    await once(child, "spawn");
    return new SystemCalls(folder, child);
  }

  /**
   * Makes a call.
   * @param memory what lies at `block` before it
   * @returns what it returned (a negative error number too), and what lies at `block` afterwards
   */
  async call(
    number: number,
    args: readonly (number | bigint)[],
    memory: Uint8Array = new Uint8Array(),
  ): Promise<{ result: bigint; memory: DataView }> {
    const message = Buffer.alloc(messageSize);
    for (const [index, value] of [number, ...args].entries())
      message.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 8 * index);
    message.set(memory, 8 * words);
    this.#child.stdin.write(message);
    const answer = await this.#read();
    return {
      result: answer.readBigInt64LE(8 * 7),
      memory: new DataView(answer.buffer, answer.byteOffset + 8 * words, blockSize),
    };
  }

  async #read(): Promise<Buffer> {
    const { stdout } = this.#child;
    const waiting = new AbortController();
    try {
      for (;;) {
        const answer: Buffer | null = stdout.read(messageSize);
        if (answer !== null) return answer;
        if (stdout.readableEnded) throw new Error("the program that makes system calls has ended");
        await Promise.race(["readable", "end"].map((event) => once(stdout, event, { signal: waiting.signal })));
      }
    } finally {
      waiting.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
