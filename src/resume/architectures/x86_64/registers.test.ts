import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { UserX86RegsEntry } from "../../../criu/images/schema/index.ts";
import { seededRandom } from "../../../criu/testing/random.ts";
import type { Emission } from "../../emission.ts";
import { at, Label } from "../../machine-code/assembler.ts";
import type { Program } from "../../machine-code/program.ts";
import { X86Assembler, type X86Register } from "../../machine-code/x86_64/assembler.ts";
import { x86Syscalls } from "../../machine-code/x86_64/syscalls.ts";
import type { ResumedThread } from "../../process.ts";
import { runProgram, testLayout } from "../../testing/run-program.ts";
import { emitExtendedState } from "./extended-state.ts";
import { emitRegisters, resumedRegisters } from "./registers.ts";

const EINTR = BigInt.asUintN(64, -4n);
const ERESTARTNOHAND = BigInt.asUintN(64, -514n);

const cpuFlags = readFileSync("/proc/cpuinfo", "utf8");
const hasAvx512 = /\bavx512f\b/.test(cpuFlags);

const names: readonly (readonly [X86Register, keyof UserX86RegsEntry])[] = [
  ...([
    ["rax", "ax"],
    ["rcx", "cx"],
    ["rdx", "dx"],
    ["rbx", "bx"],
    ["rsp", "sp"],
    ["rbp", "bp"],
    ["rsi", "si"],
    ["rdi", "di"],
  ] as const),
  ...([
    ["r8", "r8"],
    ["r9", "r9"],
    ["r10", "r10"],
    ["r11", "r11"],
    ["r12", "r12"],
    ["r13", "r13"],
    ["r14", "r14"],
    ["r15", "r15"],
  ] as const),
];
/** Memory for the thread's stack. */
const stack = { start: 0x3000_0000n, size: 0x10000n } as const;
/** Carry, sign, direction and overflow flag, and the interrupt flag that is always on. */
const flags = 0x202n | 1n | (1n << 7n) | (1n << 10n) | (1n << 11n);
const flagsAt = 128;
const offsetsAt = 136;
const areaAt = 192;
const areaSize = 4096;

/** A thread whose registers hold anything; x87's exceptions are masked and its stack is full. */
function anyThread(seed: number): ResumedThread {
  const random = seededRandom(seed);
  const gpregs = Object.fromEntries(names.map(([, key]) => [key, random.bits64()]));
  const words = (count: number): number[] => Array.from({ length: count }, () => random.below(2 ** 32));
  const longs = (count: number): bigint[] => Array.from({ length: count }, () => random.bits64());
  const values = Array.from({ length: 8 }, () => [
    random.below(2 ** 32),
    random.below(2 ** 31) + 2 ** 31,
    0x3fff + random.below(99),
    0,
  ]);
  return {
    tid: 1,
    entry: {
      thread_info: {
        gpregs: { ...gpregs, sp: stack.start + 0x8000n, orig_ax: 0n, flags: flags | 0x10000n, ip: testLayout.program + 5n },
        fpregs: {
          ...{ cwd: 0x0f7f, swd: 0x3800, twd: 0xff, fop: 0x123, rip: 0x1234n, rdp: 0x5678n, mxcsr: 0xff80, mxcsr_mask: 0xffff },
          ...{ st_space: values.flat(), xmm_space: words(64), padding: [] },
          xsave: {
            ...{ xstate_bv: 0xe7n, ymmh_space: words(64), bndreg_state: [], bndcsr_state: [], pkru: [] },
            ...{ opmask_reg: longs(8), zmm_upper: longs(64), hi16_zmm: longs(128) },
          },
        },
      },
    },
    core: { blk_sigset: 0x1234n },
  } as unknown as ResumedThread;
}

/** Goes on in a piece of code that writes all registers to the standard output. */
function land(thread: ResumedThread, avx512: boolean): Buffer {
  const { output, exitCode, signal } = runProgram((program) => {
    const start = new Label("start");
    program.code.jump(start);
    emitReport(program, avx512);
    program.code.define(start);
    program.call("mmap", [stack.start, stack.size, 3, 0x32, -1n, 0], { expect: stack.start });
    const emission = {
      program,
      images: {},
      process: { threads: [{ core: {} }] },
      target: { execution: "native", avx512, redispatch: false },
    } as unknown as Emission;
    const state = emitExtendedState(emission, thread);
    emitRegisters(emission, thread, state);
  });
  assert.deepEqual([exitCode, signal], [0, null]);
  return output;
}

function emitReport(program: Program, avx512: boolean): void {
  const code = X86Assembler.of(program.code);
  const report = program.scratch(areaAt + areaSize, 64);
  for (const [index, [register]] of names.entries()) code.store(at(report.label, 8 * index), register);
  code.raw(0x9c, 0x58, 0xfc); // pushf; pop rax; cld
  code.store(at(report.label, flagsAt), "rax");
  code.move("rax", avx512 ? 0xe7n : 7n);
  code.move("rdx", 0n);
  code.loadAddress("rdi", at(report.label, areaAt));
  code.raw(0x48, 0x0f, 0xae, 0x27); // xsave64 [rdi]
  for (const [index, component] of [5, 6, 7].entries()) {
    code.move("rax", 0xdn);
    code.move("rcx", BigInt(component));
    code.cpuid();
    code.store(at(report.label, offsetsAt + 8 * index), "rbx");
  }
  program.call("rt_sigprocmask", [0, 0, at(report.label, offsetsAt + 24), 8]);
  program.call("write", [1, report, areaAt + areaSize]);
  code.move("rax", BigInt(x86Syscalls.exit_group));
  code.move("rdi", 0n);
  code.syscall();
}

const wordsAt = (report: Buffer, offset: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => report.readUInt32LE(areaAt + offset + 4 * index));
const longsAt = (report: Buffer, offset: number, count: number): bigint[] =>
  Array.from({ length: count }, (_, index) => report.readBigUInt64LE(areaAt + offset + 8 * index));

for (const seed of [1, 2, 3]) {
  test(`registers: all are as they were, whatever they hold (${seed})`, () => {
    const thread = anyThread(seed);
    const { gpregs, fpregs } = thread.entry.thread_info!;
    const report = land(thread, hasAvx512);
    for (const [index, [register, key]] of names.entries())
      assert.equal(report.readBigUInt64LE(8 * index), gpregs[key], register);
    assert.equal(report.readBigUInt64LE(flagsAt), flags);
    assert.deepEqual([report.readUInt16LE(areaAt), report.readUInt16LE(areaAt + 2), report[areaAt + 4]], [0x0f7f, 0x3800, 0xff]);
    assert.equal(report.readUInt32LE(areaAt + 24), 0xff80);
    assert.deepEqual(wordsAt(report, 32, 32), fpregs.st_space);
    assert.deepEqual(wordsAt(report, 160, 64), fpregs.xmm_space);
    assert.deepEqual(wordsAt(report, 576, 64), fpregs.xsave?.ymmh_space);
    // SIGKILL and SIGSTOP, 9 and 19, can't be blocked.
    assert.equal(report.readBigUInt64LE(offsetsAt + 24), 0x1234n & ~(1n << 8n) & ~(1n << 18n));
    if (!hasAvx512) return;
    const [masks, upper, high] = [0, 1, 2].map((index) => Number(report.readBigUInt64LE(offsetsAt + 8 * index))) as [
      number,
      number,
      number,
    ];
    assert.deepEqual(longsAt(report, masks, 8), fpregs.xsave?.opmask_reg);
    assert.deepEqual(longsAt(report, upper, 64), fpregs.xsave?.zmm_upper);
    assert.deepEqual(longsAt(report, high, 128), fpregs.xsave?.hi16_zmm);
  });
}

test("registers: a target without AVX-512 gets the rest", () => {
  const thread = anyThread(4);
  const report = land(thread, false);
  assert.deepEqual(wordsAt(report, 160, 64), thread.entry.thread_info!.fpregs.xmm_space);
  assert.deepEqual(wordsAt(report, 576, 64), thread.entry.thread_info!.fpregs.xsave?.ymmh_space);
});

test("registers: components that the thread did not use are in their first state", () => {
  const thread = anyThread(5);
  const { fpregs } = thread.entry.thread_info!;
  const unused = { ...fpregs, xsave: { ...fpregs.xsave!, xstate_bv: 3n } };
  const report = land(
    { ...thread, entry: { ...thread.entry, thread_info: { ...thread.entry.thread_info!, fpregs: unused } } },
    hasAvx512,
  );
  assert.ok(wordsAt(report, 576, 64).every((word) => word === 0));
  assert.deepEqual(wordsAt(report, 160, 64), fpregs.xmm_space);
});

test("registers: an interrupted call that the kernel would not make again is made again", () => {
  const stopped = { ...anyThread(6).entry.thread_info!.gpregs, ax: EINTR, ip: 0x1002n };
  for (const name of ["poll", "nanosleep", "clock_nanosleep", "futex", "epoll_wait"] as const) {
    const { ax, ip } = resumedRegisters({ ...stopped, orig_ax: BigInt(x86Syscalls[name]) });
    assert.deepEqual([ax, ip], [BigInt(x86Syscalls[name]), 0x1000n], name);
  }
});

test("registers: any other result is the program's", () => {
  const stopped = { ...anyThread(7).entry.thread_info!.gpregs, ip: 0x1002n };
  for (const registers of [
    { ...stopped, ax: EINTR, orig_ax: BigInt(x86Syscalls.read) },
    { ...stopped, ax: EINTR, orig_ax: (1n << 64n) - 1n },
    { ...stopped, ax: 0n, orig_ax: BigInt(x86Syscalls.futex) },
    { ...stopped, ax: ERESTARTNOHAND, orig_ax: BigInt(x86Syscalls.poll) },
  ]) {
    assert.equal(resumedRegisters(registers), registers);
  }
});
