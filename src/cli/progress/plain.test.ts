import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import { FakeStream } from "../testing/fakes.ts";
import { PlainProgress } from "./plain.ts";

const MiB = 1024 ** 2;

test("steps begin and end with a line, and have no control characters", () => {
  const stream = new FakeStream();
  const progress = new PlainProgress(stream);
  progress.onEvent({ type: "step-started", step: "freeze", atMs: 120, title: "Freeze web" });
  progress.onEvent({ type: "step-finished", step: "freeze", atMs: 550, durationMs: 430 });
  progress.onEvent({ type: "note", atMs: 600, text: "the clock steps" });
  progress.close();
  assert.deepEqual(stream.lines, [
    "[0.12 s] Freeze web: started",
    "[0.55 s] Freeze web: done in 0.43 s",
    "[0.60 s] note: the clock steps",
  ]);
});

test("bytes are told at most every 5 s", () => {
  const stream = new FakeStream();
  const progress = new PlainProgress(stream);
  progress.onEvent({ type: "step-started", step: "send", atMs: 1000, title: "Send" });
  for (let atMs = 1100; atMs <= 12_000; atMs += 100) {
    progress.onEvent({ type: "bytes", step: "send", atMs, bytes: ((atMs - 1000) / 1000) * MiB, totalBytes: 20 * MiB });
  }
  progress.onEvent({ type: "step-finished", step: "send", atMs: 12_000, durationMs: 11_000, outcome: "20.0 MiB" });
  assert.deepEqual(stream.lines, [
    "[1.00 s] Send: started",
    "[6.00 s] Send: 5.0 MiB of 20.0 MiB (25 %), 1.0 MiB/s, 15 s left",
    "[11.0 s] Send: 10.0 MiB of 20.0 MiB (50 %), 1.0 MiB/s, 10 s left",
    "[12.0 s] Send: done in 11.0 s (20.0 MiB)",
  ]);
});

test("a total that nobody knows is not told", () => {
  const stream = new FakeStream();
  const progress = new PlainProgress(stream);
  progress.onEvent({ type: "step-started", step: "send-image", atMs: 0, title: "Send" });
  progress.onEvent({ type: "bytes", step: "send-image", atMs: 5000, bytes: 10 * MiB, totalBytes: undefined });
  assert.equal(stream.lines.at(-1), "[5.00 s] Send: 10.0 MiB, 2.0 MiB/s");
});

test("a rollback for another reason than the failed step's names it", () => {
  const stream = new FakeStream();
  const progress = new PlainProgress(stream);
  progress.onEvent({ type: "step-started", step: "dump", atMs: 0, title: "Dump" });
  progress.onEvent({ type: "step-failed", step: "dump", atMs: 0, error: new MigrationError("dump-failed", "it broke") });
  progress.onEvent({ type: "rollback-started", atMs: 0, reason: new MigrationError("cancelled", "interrupted by SIGINT") });
  progress.onEvent({ type: "rollback-step", atMs: 0, title: "thawed web" });
  progress.onEvent({
    type: "rollback-step",
    atMs: 0,
    title: "removed web",
    error: new MigrationError("rollback-failed", "gone"),
  });
  assert.deepEqual(stream.lines, [
    "[0.00 s] Dump: started",
    "[0.00 s] Dump: failed: it broke",
    "[0.00 s] rolling back: interrupted by SIGINT",
    "[0.00 s] undone: thawed web",
    "[0.00 s] not undone: removed web: gone",
  ]);
});
