import assert from "node:assert/strict";
import test from "node:test";
import { library } from "../library.ts";
import { FakeClock, FakeStream } from "../testing/fakes.ts";
import { createProgress } from "./create-progress.ts";
import { JsonLinesProgress } from "./json-lines.ts";
import { LiveProgress } from "./live.ts";
import { PlainProgress } from "./plain.ts";

function progressFor(stderr: FakeStream, environment: Record<string, string>, json = false) {
  const stdout = new FakeStream();
  return createProgress(
    {
      stdout,
      stderr,
      environment,
      clock: new FakeClock(),
      signals: process,
      canAsk: false,
      exit: () => {},
      confirm: async () => true,
      library,
    },
    { json, color: true },
  );
}

test("a terminal gets the live form, a pipe and a dumb terminal plain lines", () => {
  assert.ok(progressFor(new FakeStream({ isTTY: true }), { TERM: "xterm" }) instanceof LiveProgress);
  assert.ok(progressFor(new FakeStream({ isTTY: true }), { TERM: "dumb" }) instanceof PlainProgress);
  assert.ok(progressFor(new FakeStream(), { TERM: "xterm" }) instanceof PlainProgress);
});

test("for programs each event is a line of JSON, on a terminal too", () => {
  const stderr = new FakeStream({ isTTY: true });
  const progress = progressFor(stderr, {}, true);
  assert.ok(progress instanceof JsonLinesProgress);
  progress.onEvent({ type: "bytes", step: "send", atMs: 5, bytes: 10, totalBytes: undefined });
  progress.say("two\nlines");
  assert.deepEqual(
    stderr.lines.map((line): unknown => JSON.parse(line)),
    [
      { type: "bytes", step: "send", atMs: 5, bytes: 10 },
      { type: "message", text: "two\nlines" },
    ],
  );
});
