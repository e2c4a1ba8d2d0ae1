import assert from "node:assert/strict";
import test from "node:test";
import { execa } from "execa";
import { ensureArm64Machine } from "../../lab/machines.ts";
import type { UserAarch64FpsimdContextEntry, UserAarch64RegsEntry } from "../../src/criu/images/schema/index.ts";
import { seededRandom } from "../../src/criu/testing/random.ts";
import { aarch64 } from "../../src/resume/architectures/aarch64/architecture.ts";
import { writeElf } from "../../src/resume/elf/writer.ts";
import type { Emission } from "../../src/resume/emission.ts";
import { Aarch64Assembler } from "../../src/resume/machine-code/aarch64/assembler.ts";
import { aarch64InstructionSet } from "../../src/resume/machine-code/aarch64/instruction-set.ts";
import { at, Label } from "../../src/resume/machine-code/assembler.ts";
import { FAILURE_EXIT_STATUS, Program } from "../../src/resume/machine-code/program.ts";
import type { ResumedThread } from "../../src/resume/process.ts";
import { parseStatus } from "../../src/resume/resume-directory.ts";
import { emitLoader, loaderSize } from "../../src/resume/start/loader.ts";

const layout = { loader: 0x1000_0000n, program: 0x2000_0000n } as const;

/** Links a program, whose status descriptor is its standard output, and runs it on the ARM64 machine. */
async function runThere(
  build: (program: Program) => void,
): Promise<{ readonly exitCode: number | undefined; readonly output: Buffer }> {
  const program = new Program(aarch64InstructionSet, 1);
  build(program);
  program.emitFailureRoutine();
  const { code, data, scratch, shared, kernel } = program.sizes;
  const image = program.link(layout.program);
  const total = code + data + scratch + shared + kernel;
  const content = Buffer.concat([emitLoader(aarch64InstructionSet, layout, image.length, total), image]);
  const segment = { address: layout.loader, flags: 5, content, memorySize: BigInt(loaderSize + image.length) };
  const machine = await ensureArm64Machine();
  const script = 'file=$(mktemp); cat >"$file"; chmod +x "$file"; "$file"; status=$?; rm "$file"; exit $status';
  const { exitCode, stdout } = await execa("ssh", ["-F", machine.sshConfig, machine.name, script], {
    input: writeElf(aarch64InstructionSet.elfMachine, layout.loader, [segment]),
    encoding: "buffer",
    reject: false,
  });
  return { exitCode, output: Buffer.from(stdout) };
}

test("programs on ARM64: texts, words, copies and distances", async () => {
  const { exitCode, output } = await runThere((program) => {
    const { code } = program;
    const text = program.text("0123456789abcdefghi");
    const words = program.words([text, at(text.label, 1), -1, 1n << 63n]);
    const copy = program.scratch(64);
    program.load("kept", { valueAt: at(words.label, 8) });
    program.call("write", [1, "kept", 3], { expect: 3 });
    code.loadAddress("argument0", at(copy.label, 1));
    code.loadAddress("argument1", text);
    code.move("temporary", 19n);
    code.copyBytes();
    program.loadDistance("argument2", text, at(text.label, 19));
    code.moveRegister("counter", "argument2");
    program.call("write", [1, at(copy.label, 1), "counter"], { expect: 19 });
    program.call("write", [1, at(words.label, 16), 16]);
    program.call("exit_group", [0]);
  });
  assert.equal(exitCode, 0);
  assert.equal(output.toString("latin1"), "1230123456789abcdefghi\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\x80");
});

test("programs on ARM64: a call that fails ends the program, and is told", async () => {
  const { exitCode, output } = await runThere((program) => program.call("close", [999], { describe: "close the door" }));
  assert.equal(exitCode, FAILURE_EXIT_STATUS);
  assert.deepEqual(parseStatus(output.toString()), { state: "failed", what: "close the door", result: -9n });
});

test("programs on ARM64: threads wait for each other, and have their own thread pointer", async () => {
  const { exitCode, output } = await runThere((program) => {
    const code = Aarch64Assembler.of(program.code);
    const threadFlags = 0xd_0f00; // VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS
    const [word, count, pointer] = [program.scratch(), program.scratch(), program.scratch()];
    const child = new Label("child");
    program.call("clone", [threadFlags, program.scratch(64, 16), 0, 0x1234_5678n, 0]);
    code.compare("result", 0);
    code.jumpIf("equal", child);
    program.waitUntilSet(word);
    program.waitUntilCount(count, 2);
    program.call("write", [1, pointer, 8]);
    program.call("exit_group", [0]);
    code.define(child);
    code.word(0xd53b_d049); // mrs x9, tpidr_el0
    code.store(pointer, "result");
    program.increment(count);
    program.set(word);
    program.increment(count);
    program.call("exit", [0], { expect: "ignore" });
  });
  assert.equal(exitCode, 0);
  assert.equal(output.readBigUInt64LE(0), 0x1234_5678n);
});

/** Memory for the thread's stack. */
const stack = { start: 0x3000_0000n, size: 0x10000n } as const;
const stackPointer = stack.start + 0x8000n;
/** Where the report has what. */
const reported = { vectors: 256, flags: 768, control: 776, status: 784, pointer: 792, mask: 800, size: 808 } as const;
const flags = 0xa000_0000n; // negative and carry

function anyRegisters(seed: number): { readonly gpregs: UserAarch64RegsEntry; readonly fpsimd: UserAarch64FpsimdContextEntry } {
  const random = seededRandom(seed);
  const regs = Array.from({ length: 31 }, () => random.bits64());
  const vregs = Array.from({ length: 64 }, () => random.bits64());
  return {
    gpregs: { regs, sp: stackPointer, pc: layout.program + 4n, pstate: flags },
    // Rounding to zero and flush to zero; a cumulative flag.
    fpsimd: { vregs, fpcr: 0x01c0_0000, fpsr: 0x0800_0010 },
  };
}

/** Writes all registers to the standard output, by way of the stack. */
function emitReport(program: Program): void {
  const code = Aarch64Assembler.of(program.code);
  const x31 = 31 << 5;
  for (let number = 0; number < 31; number++) code.word(0xf900_0000 | (number << 10) | x31 | number); // str x, [sp, #8 * number]
  for (let number = 0; number < 32; number++) {
    code.word(0x3d80_0000 | ((reported.vectors / 16 + number) << 10) | x31 | number); // str q, [sp, #…]
  }
  for (const [read, offset] of [
    [0xd53b_4200, reported.flags], // mrs x0, nzcv
    [0xd53b_4400, reported.control], // mrs x0, fpcr
    [0xd53b_4420, reported.status], // mrs x0, fpsr
    [0xd53b_d040, reported.pointer], // mrs x0, tpidr_el0
    [0x9100_03e0, 248], // mov x0, sp
  ] as const) {
    code.word(read);
    code.word(0xf900_0000 | ((offset / 8) << 10) | x31); // str x0, [sp, #offset]
  }
  program.call("rt_sigprocmask", [0, 0, stackPointer + BigInt(reported.mask), 8]);
  program.call("write", [1, stackPointer, reported.size]);
  program.call("exit_group", [0]);
}

for (const seed of [1, 2]) {
  test(`programs on ARM64: all registers are as they were, whatever they hold (${seed})`, async () => {
    const { gpregs, fpsimd } = anyRegisters(seed);
    const threadPointer = 0x7777_0000n;
    const { exitCode, output } = await runThere((program) => {
      const start = new Label("start");
      program.code.jump(start);
      emitReport(program);
      program.code.define(start);
      program.call("mmap", [stack.start, stack.size, 3, 0x32, -1n, 0], { expect: stack.start });
      const emission = { program, images: {}, process: { threads: [{ core: {} }] }, engineFilters: 1 } as unknown as Emission;
      const info = { gpregs, fpsimd, tls: threadPointer, clear_tid_addr: 0n };
      const thread = { tid: 1, core: { blk_sigset: 0x1234n }, entry: { ti_aarch64: info } } as unknown as ResumedThread;
      aarch64.emitThreadPointer(emission, threadPointer);
      aarch64.emitRegisters(emission, thread)();
    });
    assert.equal(exitCode, 0);
    assert.equal(output.length, reported.size);
    const long = (offset: number): bigint => output.readBigUInt64LE(offset);
    assert.deepEqual(
      gpregs.regs.map((_, index) => long(8 * index)),
      gpregs.regs,
    );
    assert.deepEqual(
      fpsimd.vregs.map((_, index) => long(reported.vectors + 8 * index)),
      fpsimd.vregs,
    );
    assert.deepEqual([long(248), long(reported.flags), long(reported.pointer)], [stackPointer, flags, threadPointer]);
    assert.deepEqual([long(reported.control), long(reported.status)], [BigInt(fpsimd.fpcr), BigInt(fpsimd.fpsr)]);
    // SIGKILL and SIGSTOP, 9 and 19, can't be blocked.
    assert.equal(long(reported.mask), 0x1234n & ~(1n << 8n) & ~(1n << 18n));
  });
}

test("programs on ARM64: the vDSO of the kernel is moved as a whole, and handlers return by it", async () => {
  const { exitCode, output } = await runThere((program) => {
    const { code } = program;
    const emission = { program } as unknown as Emission;
    const [handler, start] = [new Label("handler"), new Label("start")];
    aarch64.emitStart(emission);
    code.jump(start);
    // The handler: returns to where the kernel has put its own return.
    code.define(handler);
    Aarch64Assembler.of(code).word(0xd65f_03c0); // ret
    code.define(start);
    program.call("mmap", [stack.start, stack.size, 3, 0x32, -1n, 0], { expect: stack.start });
    code.move("temporary", stackPointer);
    Aarch64Assembler.of(code).setStack("temporary");
    program.call("rt_sigaction", [10, program.words([at(handler), 0, 0, 0]), 0, 8]);
    program.call("getpid", []);
    program.call("kill", ["result", 10]);
    program.call("write", [1, program.text("returned"), 8]);
    program.call("exit_group", [0]);
  });
  assert.deepEqual([exitCode, output.toString()], [0, "returned"]);
});
