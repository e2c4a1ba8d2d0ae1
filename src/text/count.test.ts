import assert from "node:assert/strict";
import test from "node:test";
import { count } from "./count.ts";

test("the noun agrees with the number", () => {
  assert.equal(count(0, "thread"), "0 threads");
  assert.equal(count(1, "thread"), "1 thread");
  assert.equal(count(2, "process", "processes"), "2 processes");
});
