import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../errors.ts";
import { exitCodeOfError, exitCodeOfResult } from "./exit-codes.ts";
import { interrupted, migrated, planned, refused, rolledBack, stuck } from "./testing/results.ts";

for (const [result, code, codeAfterSignal] of [
  [migrated, 0, 0],
  [planned, 0, 0],
  [refused, 3, 3],
  [rolledBack, 4, 4],
  // Without a signal: a time-out.
  [interrupted, 4, 130],
  [stuck, 5, 5],
] as const) {
  test(`${result.status}${"error" in result ? ` (${result.error.code})` : ""} is ${code}, after a signal ${codeAfterSignal}`, () => {
    assert.equal(exitCodeOfResult(result, false), code);
    assert.equal(exitCodeOfResult(result, true), codeAfterSignal);
  });
}

test("what is thrown has its code too", () => {
  assert.equal(exitCodeOfError(new MigrationError("usage", ""), false), 2);
  assert.equal(exitCodeOfError(new MigrationError("incompatible", ""), false), 3);
  assert.equal(exitCodeOfError(new MigrationError("target-unreachable", ""), true), 1);
  assert.equal(exitCodeOfError(new Error(""), false), 1);
  assert.equal(exitCodeOfError(new MigrationError("cancelled", ""), false), 1);
  assert.equal(exitCodeOfError(new MigrationError("cancelled", ""), true), 130);
  assert.equal(exitCodeOfError(new DOMException("", "AbortError"), true), 130);
});
