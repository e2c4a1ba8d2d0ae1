import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import { toJson } from "./json.ts";

test("big integers become decimal strings, wherever they are", () => {
  assert.equal(toJson({ size: 2n ** 60n, list: [1n, 2] }), '{"size":"1152921504606846976","list":["1",2]}');
});

test("a MigrationError takes its own shape", () => {
  const error = new MigrationError("no-space", "the disk is full", { host: "local", details: { free: 5n } });
  assert.deepEqual(JSON.parse(toJson({ error })), {
    error: { code: "no-space", message: "the disk is full", host: "local", details: { free: "5" } },
  });
});
