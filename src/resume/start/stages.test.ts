import assert from "node:assert/strict";
import test from "node:test";
import { pidsFreeAfter } from "./stages.ts";

for (const [wanted, expected] of [
  [[1], 301],
  [[1, 6, 7, 8], 301],
  [[1, 301], 302],
  [[1, 310], 311],
  [[1, 317], 318],
  [[1, 318], 301],
  [[500, 310, 320, 1, 330], 331],
  [[1, 30000], 301],
] as const) {
  test(`pidsFreeAfter: ${wanted.join(", ")}`, () => {
    const pid = pidsFreeAfter(wanted);
    assert.equal(pid, expected);
    for (const tid of wanted) assert.ok(tid <= pid || tid > pid + 16);
  });
}
