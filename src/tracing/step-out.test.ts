import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { stepOut } from "../resume/testing/carry.ts";
import { eventually } from "../resume/testing/eventually.ts";
import { RuncContainer } from "../resume/testing/runc-container.ts";

/** Three processes that spend nearly all their time in memcmp, and count in a file each how often. */
const comparing = `
import os
left, right = bytes(1 << 26), bytes(1 << 26)
name = "/tmp/0"
for number in (1, 2):
    if os.fork() == 0:
        name = f"/tmp/{number}"
        break
rounds = 0
while True:
    assert left == right
    rounds += 1
    with open(name + ".new", "w") as file: file.write(str(rounds))
    os.rename(name + ".new", name)
`;
const skip = /\bavx512vl\b/.test(readFileSync("/proc/cpuinfo", "utf8")) ? false : "this CPU has no AVX-512";

for (const [title, breakpointsOfCpu] of [
  ["breakpoints of the CPU, if it has them", true],
  ["breakpoints in the code", false],
] as const) {
  test(`step out: threads caught inside AVX-512 routines are moved out of them and go on afterwards (${title})`, {
    skip,
  }, async () => {
    await using container = await RuncContainer.create({ arguments: ["python3", "-c", comparing] });
    await container.start();
    const rounds = () => Promise.all([0, 1, 2].map(async (number) => Number(await container.read(`tmp/${number}`))));
    await eventually("the first rounds", rounds);
    const moved = await eventually("threads inside", async () => {
      await container.call("pause", container.id);
      const count = await stepOut(container, { breakpointsOfCpu });
      if (count > 0) return count;
      await container.call("resume", container.id);
      return undefined;
    });
    assert.ok(moved <= 3);
    assert.equal(await stepOut(container), 0);
    const before = await rounds();
    await container.call("resume", container.id);
    await eventually("all to go on", async () => {
      const now = await rounds();
      return now.every((count, index) => count > before[index]! + 1) || undefined;
    });
  });
}
