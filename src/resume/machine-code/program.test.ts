import assert from "node:assert/strict";
import test from "node:test";
import { AT_FDCWD } from "../machine-code/program.ts";
import { parseStatus } from "../resume-directory.ts";
import { runProgram } from "../testing/run-program.ts";
import { at, Label } from "./assembler.ts";
import { FAILURE_EXIT_STATUS, Program } from "./program.ts";
import { x86InstructionSet } from "./x86_64/instruction-set.ts";

const write = (program: Program, place: Parameters<Program["load"]>[1], length: number): void =>
  program.call("write", [1, place, length], { expect: length });
const exit = (program: Program): void => program.call("exit_group", [0]);

test("program: texts, words and scratch memory lie where they are said to", () => {
  const { output, exitCode } = runProgram((program) => {
    const hello = program.text("hello");
    assert.equal(program.text("hello"), hello);
    const words = program.words([hello, at(hello.label, 1), -1, 1n << 63n]);
    const scratch = program.scratch(100, 64);
    program.load("kept", { valueAt: at(words.label, 8) });
    program.call("write", [1, "kept", 4]);
    write(program, at(words.label, 16), 16);
    program.load("result", { valueAt: words });
    program.code.store(at(scratch.label, 8), "result");
    program.load("kept", { valueAt: at(scratch.label, 8) });
    program.call("write", [1, "kept", 5]);
    write(program, at(scratch.label, 16), 4);
    exit(program);
  });
  assert.equal(exitCode, 0);
  assert.equal(output.toString("latin1"), "ello\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\x80hello\0\0\0\0");
});

test("program: alignment", () => {
  const program = new Program(x86InstructionSet, 1);
  program.text("odd");
  const [data, scratch] = [program.bytes(new Uint8Array(3), 64), program.scratch(8, 64)];
  assert.deepEqual([data.label.offset % 64, scratch.label.offset % 64], [0, 0]);
  program.scratch(1);
  assert.equal(program.scratch().label.offset % 8, 0);
  program.shared(1);
  program.code.syscall();
  assert.deepEqual(program.sizes, { code: 4096, data: 4096, scratch: 4096, shared: 4096, kernel: 0 });
});

test("program: a result is stored, and can be an argument of a later call", () => {
  const { output } = runProgram((program) => {
    const pid = program.scratch();
    program.call("getpid", [], { store: pid });
    program.call("gettid", []);
    program.code.moveRegister("kept", "result");
    program.code.load("temporary", pid);
    program.code.compareRegister("kept", "temporary");
    const same = new Label("same");
    program.code.jumpIf("equal", same);
    program.fail("the ids differ");
    program.code.define(same);
    write(program, program.text("same"), 4);
    exit(program);
  });
  assert.equal(output.toString(), "same");
});

test("program: a distance between two places", () => {
  const { output } = runProgram((program) => {
    const text = program.text("0123456789");
    program.loadDistance("argument2", text, at(text.label, 7));
    program.code.moveRegister("kept", "argument2");
    program.call("write", [1, text, "kept"]);
    exit(program);
  });
  assert.equal(output.toString(), "0123456");
});

const failures: Readonly<Record<string, readonly [(program: Program) => void, string, bigint]>> = {
  "a call that fails": [
    (program) => program.call("openat", [AT_FDCWD, program.text("/no/such"), 0, 0], { describe: "open the data" }),
    "open the data",
    -2n,
  ],
  "a call without a description": [(program) => program.call("close", [999]), "close", -9n],
  "an unexpected result": [
    (program) => program.call("write", [2, program.text(""), 0], { expect: 8, describe: "write" }),
    "write",
    0n,
  ],
  "a description with tabs and lines": [(program) => program.call("close", [999], { describe: "a\tb\nc" }), "a b c", -9n],
  "a long description": [(program) => program.call("close", [999], { describe: "ü".repeat(3000) }), "ü".repeat(3000), -9n],
  "a large result": [
    (program) => {
      program.code.move("result", 0x1234_5678_9abc_def0n);
      program.fail("a number");
    },
    "a number",
    0x1234_5678_9abc_def0n,
  ],
};

for (const [what, [build, description, result]] of Object.entries(failures)) {
  test(`program: ${what} ends it, and is told`, () => {
    const { output, exitCode } = runProgram(build);
    assert.equal(exitCode, FAILURE_EXIT_STATUS);
    assert.deepEqual(parseStatus(output.toString()), { state: "failed", what: description, result });
  });
}

test("program: a result that does not matter, one that is a pointer, and one that is as expected go on", () => {
  const { output, exitCode } = runProgram((program) => {
    program.call("close", [999], { expect: "ignore" });
    program.call("mmap", [0x3000_0000n, 4096, 3, 0x32, -1n, 0], { expect: 0x3000_0000n });
    program.call("mmap", [0, 4096, 3, 0x22, -1n, 0]);
    write(program, program.text("on"), 2);
    exit(program);
  });
  assert.deepEqual([output.toString(), exitCode], ["on", 0]);
});

test("program: waiting for another thread", () => {
  const { output, exitCode } = runProgram((program) => {
    const threadFlags = 0x5_0f00; // VM, FS, FILES, SIGHAND, THREAD, SYSVSEM
    const [word, child] = [program.scratch(), new Label("child")];
    program.call("clone", [threadFlags, 0, 0, 0, 0]);
    program.code.compare("result", 0);
    program.code.jumpIf("equal", child);
    program.waitUntilSet(word);
    write(program, program.text("2"), 1);
    exit(program);
    program.code.define(child);
    program.call("nanosleep", [program.words([0, 50_000_000]), 0]);
    write(program, program.text("1"), 1);
    program.code.store32(word, 1);
    program.call("futex", [word, 1, 9]);
    program.call("exit", [0]);
  });
  assert.deepEqual([output.toString(), exitCode], ["12", 0]);
});

test("program: a label that was never defined is an error", () => {
  const program = new Program(x86InstructionSet, 1);
  program.code.jump(new Label("nowhere"));
  assert.throws(() => program.link(0n), /nowhere was never defined/);
});
