import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { MigrationError } from "../errors.ts";
import { listenForInterruption } from "./interruption.ts";
import { FakeClock } from "./testing/fakes.ts";

function setUp() {
  const signals = new EventEmitter();
  const clock = new FakeClock();
  const told: string[] = [];
  const interruption = listenForInterruption({
    signals,
    clock,
    onFirst: (signal) => told.push(`first ${signal}`),
    onSecond: (signal) => told.push(`second ${signal}`),
  });
  const send = (signal: string) => signals.emit(signal, signal);
  return { signals, clock, told, interruption, send };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  test(`${signal} aborts with a reason that names it`, () => {
    const { interruption, told, send } = setUp();
    assert.equal(interruption.signal.aborted, false);
    send(signal);
    assert.deepEqual(told, [`first ${signal}`]);
    const reason: unknown = interruption.signal.reason;
    assert.ok(reason instanceof MigrationError);
    assert.equal(reason.code, "cancelled");
    assert.equal(reason.message, `interrupted by ${signal}`);
  });
}

test("a key press that arrives twice counts once, a later one as the second", () => {
  const { clock, told, send } = setUp();
  send("SIGINT");
  clock.pass(100);
  send("SIGINT");
  assert.deepEqual(told, ["first SIGINT"]);
  clock.pass(500);
  send("SIGTERM");
  assert.deepEqual(told, ["first SIGINT", "second SIGTERM"]);
});

test("an error that nothing caught aborts too, so that the move is undone", () => {
  const { signals, interruption, told } = setUp();
  signals.emit("uncaughtException", new TypeError("x is not a function"));
  const reason: unknown = interruption.signal.reason;
  assert.ok(reason instanceof MigrationError);
  assert.equal(reason.code, "defect");
  assert.match(reason.message, /x is not a function/);
  assert.deepEqual(told, []);
});

test("disposed, it listens no more", () => {
  const { signals, interruption } = setUp();
  assert.equal(signals.listenerCount("SIGINT"), 1);
  interruption[Symbol.dispose]();
  for (const event of ["SIGINT", "SIGTERM", "SIGHUP", "uncaughtException"]) assert.equal(signals.listenerCount(event), 0);
});
