import assert from "node:assert/strict";
import test from "node:test";
import { parseStatus } from "./resume-directory.ts";

for (const [text, expected] of [
  ["", { state: "working" }],
  ["resum", { state: "working" }],
  ["resumed\n", { state: "resumed" }],
  ["failed\topen /data\tfffffffffffffffe\n", { state: "failed", what: "open /data", result: -2n }],
  ["failed\tread\t0000000000001000\n", { state: "failed", what: "read", result: 4096n }],
  ["failed\topen /data\tffff", { state: "working" }],
  ["unresumed\n", { state: "working" }],
] as const) {
  test(`parseStatus: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseStatus(text), expected);
  });
}
