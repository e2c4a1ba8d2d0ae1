import assert from "node:assert/strict";
import test from "node:test";
import { formatDuration, formatEstimate } from "./duration.ts";

const durations: readonly [number, string][] = [
  [0, "0.00 s"],
  [420, "0.42 s"],
  [9994, "9.99 s"],
  [9996, "10.0 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min 00 s"],
  [63_000, "1 min 03 s"],
  [119_600, "2 min 00 s"],
  [3_599_600, "1 h 00 min"],
  [7_500_000, "2 h 05 min"],
];

for (const [milliseconds, text] of durations) {
  test(`${milliseconds} ms are ${text}`, () => {
    assert.equal(formatDuration(milliseconds), text);
  });
}

test("an estimate has no fractions and is never negative", () => {
  assert.equal(formatEstimate(13_400), "13 s");
  assert.equal(formatEstimate(-5), "0 s");
  assert.equal(formatEstimate(59_700), "1 min 00 s");
});
