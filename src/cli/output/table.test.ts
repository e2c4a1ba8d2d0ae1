import assert from "node:assert/strict";
import { test } from "node:test";
import { tableLines } from "./table.ts";

test("table: columns are as wide as their widest cell, numbers stand to the right, nothing trails", () => {
  const rows = [
    ["PID", "NAME", "MEMORY"],
    ["1", "redis-server", "1.0 MiB"],
    ["12345", "sh", ""],
  ];
  assert.deepEqual(tableLines(rows, [0]), ["  PID  NAME          MEMORY", "    1  redis-server  1.0 MiB", "12345  sh"]);
  assert.deepEqual(tableLines([]), []);
});
