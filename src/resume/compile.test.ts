import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ResumeTarget } from "./target.ts";
import { dumpAndCompile, resume } from "./testing/carry.ts";
import { eventually } from "./testing/eventually.ts";
import { type LiveMapping, readMappings } from "./testing/live-memory.ts";
import { fewerFeatures, sameCpu } from "./testing/targets.ts";
import { calm, finish, look, readState, readTicks, startWorkload, type WorkloadOptions } from "./testing/workload.ts";

const cases: Readonly<Record<string, { readonly target: ResumeTarget; readonly options?: WorkloadOptions }>> = {
  "on the same CPU": { target: sameCpu },
  "on a CPU with fewer features": { target: fewerFeatures },
  "with the newest glibc, on a CPU with fewer features": { target: fewerFeatures, options: { newestGlibc: true } },
};

for (const [name, { target, options }] of Object.entries(cases)) {
  test(`compile: a python program with threads goes on natively, ${name}`, async () => {
    await using source = await startWorkload(options);
    await calm(source);
    const compiled = await dumpAndCompile(source, target);
    const before = await readState(source);
    const ticks = await readTicks(source);
    const mappings = readMappings(await source.pid());
    const tasks = taskIds(await source.pid());

    await using resumed = await resume(source, compiled);
    const after = await look(resumed);
    assert.deepEqual(after.steady, before.steady);
    assert.deepEqual(taskIds(await resumed.pid()), tasks);
    compareMappings(mappings, readMappings(await resumed.pid()));

    await delay(200);
    const { going } = await readState(resumed);
    assert.ok(going.computedRight);
    assert.ok(going.steps > before.going.steps && going.sleeps > before.going.sleeps + 5);
    assert.ok(going.monotonic > before.going.monotonic && going.monotonic < before.going.monotonic + 60);
    assert.ok(going.alarm < before.going.alarm && going.alarm > before.going.alarm - 60 && going.alarmInterval === 3600);
    assert.ok(going.expirations > 0);
    assert.deepEqual([going.passed, going.woken, going.handled], [[], [], []]);
    const all = await readTicks(resumed);
    assert.deepEqual(all.slice(0, ticks.length), ticks);
    assert.deepEqual(
      all,
      all.map((_, index) => index + 1),
    );

    const { pipe, expectedPipe, ...found } = await finish(resumed);
    assert.equal(pipe, expectedPipe);
    assert.deepEqual(found, {
      pipeAgain: "again",
      brokenPipe: "EPIPE",
      counter: 2 ** 33,
      client: ["waits", "back"],
      ended: "",
      echo: "echo hello",
      udp: "datagram",
      pending: [
        [12, 1, 0],
        [35, 1, 11],
        [35, 1, 22],
      ],
      signalfd: 28,
      polled: [[16, 1]],
      "shared offset": 3,
      log: "end\n",
      fork: 0,
      run: "42\n",
      file: "FILE contents",
      forbidden: "forbidden",
      break: 1 << 20,
      deep: 24002,
      more: 50 << 20,
      "new code": ["0.1428571428571428571428571429", "ABC"],
      rseq: true,
      "new thread": ["ran"],
    });
    await resumed.call("kill", resumed.id, "TERM");
    await eventually("the end", async () => (await resumed.pid()) === 0);
    assert.equal(await resumed.output(), "");
  });
}

/** Thread ids as the container counts, with the threads' names. */
function taskIds(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/status`, "utf8"))
    .map((status) => /^Name:\t(.*)$/m.exec(status)![1] + /^NSpid:.*(\t\d+)$/m.exec(status)![1]!)
    .toSorted();
}

/** What is advised with madvise, and shown: not to be copied or dumped, huge pages or none. */
const advice = ["dc", "dd", "hg", "nh", "rr", "sr", "wf", "mg"];

function compareMappings(before: readonly LiveMapping[], after: readonly LiveMapping[]): void {
  for (const old of before) {
    if (/^\[(stack|v.*)\]$/.test(old.path)) continue;
    for (let address = old.start; address < old.end; ) {
      const now = after.find(({ start, end }) => start <= address && address < end);
      const where = `${old.path} at 0x${address.toString(16)}`;
      assert.ok(now !== undefined, `${where} is not mapped`);
      assert.equal(now.permissions, old.permissions, where);
      assert.equal(now.path, old.path.replace("/dev/zero", "/memfd:_dev_zero"), where);
      if (old.path.startsWith("/")) assert.equal(now.offset - now.start, old.offset - old.start, where);
      for (const flag of advice) assert.equal(now.flags.has(flag), old.flags.has(flag), `${flag} of ${where}`);
      address = now.end;
    }
  }
  for (const { start, permissions } of after) assert.doesNotMatch(permissions, /wx/, `0x${start.toString(16)}`);
}
