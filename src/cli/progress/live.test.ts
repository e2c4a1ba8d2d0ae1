import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import { styleFor } from "../format/style.ts";
import { symbolsFor } from "../format/symbols.ts";
import { FakeClock, FakeStream } from "../testing/fakes.ts";
import { LiveProgress } from "./live.ts";

const MiB = 1024 ** 2;

function setUp(columns = 100) {
  const stream = new FakeStream({ isTTY: true, columns });
  const clock = new FakeClock();
  const progress = new LiveProgress({
    stream,
    clock,
    style: styleFor(stream, {}, false),
    symbols: symbolsFor({ LANG: "C.UTF-8" }),
  });
  return { stream, clock, progress };
}

test("a running step is one line that counts the time, and becomes a tick with its duration", () => {
  const { stream, clock, progress } = setUp();
  progress.onEvent({ type: "step-started", step: "freeze", atMs: 0, title: "Freeze web" });
  assert.deepEqual(stream.screen, ["⠋ Freeze web  0.00 s"]);
  clock.pass(420);
  assert.deepEqual(stream.screen, ["⠼ Freeze web  0.40 s"]);
  progress.onEvent({ type: "step-finished", step: "freeze", atMs: 430, durationMs: 430, outcome: "3 processes" });
  assert.deepEqual(stream.screen, ["✔ Freeze web  0.43 s  3 processes", ""]);
});

test("bytes show as bar, amount, rate and what is left", () => {
  const { stream, clock, progress } = setUp();
  progress.onEvent({ type: "step-started", step: "send", atMs: 0, title: "Send the package" });
  for (let second = 1; second <= 5; second++) {
    clock.pass(1000);
    progress.onEvent({ type: "bytes", step: "send", atMs: second * 1000, bytes: second * 10 * MiB, totalBytes: 200 * MiB });
  }
  clock.pass(100);
  const [line = ""] = stream.screen;
  assert.match(line, /^. Send the package {2}█{6}░{18} {2}50\.0 MiB of 200\.0 MiB \(25 %\), 10\.0 MiB\/s, 15 s left$/);
  assert.ok(line.length < 100);
});

test("the line never fills a narrow terminal, and the figures stay", () => {
  for (const columns of [20, 60, 70, 80]) {
    const { stream, clock, progress } = setUp(columns);
    progress.onEvent({ type: "step-started", step: "send", atMs: 0, title: "Send the package to ssh://root@board:22" });
    progress.onEvent({ type: "bytes", step: "send", atMs: 1000, bytes: 10 * MiB, totalBytes: 200 * MiB });
    clock.pass(1000);
    const [line = ""] = stream.screen;
    assert.ok(line.length < columns, `${line.length} characters in ${columns} columns`);
    if (columns >= 60) assert.match(line, /10\.0 MiB of 200\.0 MiB \(5 %\), 10\.0 MiB\/s, 19 s left$/);
  }
});

test("lines of others go above the live line", () => {
  const { stream, progress } = setUp();
  progress.onEvent({ type: "step-started", step: "dump", atMs: 0, title: "Dump" });
  progress.onEvent({ type: "note", atMs: 5, text: "the clock steps" });
  progress.say("Interrupted");
  assert.deepEqual(stream.screen.slice(0, 2), ["• the clock steps", "Interrupted"]);
  assert.match(stream.screen[2] ?? "", /^. Dump {2}0\.00 s$/);
});

test("a failure and its rollback are told once, step by step", () => {
  const { stream, progress } = setUp();
  const error = new MigrationError("dump-failed", "CRIU could not dump");
  progress.onEvent({ type: "step-started", step: "dump", atMs: 0, title: "Dump" });
  progress.onEvent({ type: "step-failed", step: "dump", atMs: 10, error });
  progress.onEvent({ type: "rollback-started", atMs: 11, reason: error });
  progress.onEvent({ type: "rollback-step", atMs: 12, title: "thawed web" });
  progress.onEvent({
    type: "rollback-step",
    atMs: 13,
    title: "removed web",
    error: new MigrationError("rollback-failed", "no connection"),
  });
  progress.close();
  assert.deepEqual(stream.screen, [
    "✖ Dump: CRIU could not dump",
    "↩ Rolling back",
    "✔ Undone: thawed web",
    "✖ Not undone: removed web: no connection",
    "",
  ]);
});

test("closed, it draws no more", () => {
  const { stream, clock, progress } = setUp();
  progress.onEvent({ type: "step-started", step: "dump", atMs: 0, title: "Dump" });
  progress.close();
  const { text } = stream;
  clock.pass(1000);
  assert.equal(stream.text, text);
  assert.equal(clock.timers, 0);
  assert.deepEqual(stream.screen, [""]);
});
