import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import { promisify } from "node:util";
import { dumpAndCompile, resume } from "../../resume/testing/carry.ts";
import { eventually } from "../../resume/testing/eventually.ts";
import { RuncContainer } from "../../resume/testing/runc-container.ts";
import { sameCpu } from "../../resume/testing/targets.ts";
import { unshareClocks } from "./clocks.ts";

/** Seconds by which the source's clocks are ahead of this machine's. */
const ahead = { monotonic: 1_000_000, boottime: 2_000_000 };

/** Writes down its clocks, and each sleep's begin and end. */
const program = `
import threading, time
def write(file, *numbers):
    print(*numbers, file=file, flush=True)
def sleep():
    with open("/sleeps", "w") as file:
        while True:
            begin = time.monotonic()
            time.sleep(0.5)
            write(file, begin, time.monotonic())
threading.Thread(target=sleep).start()
with open("/clocks", "w") as file:
    while True:
        write(file, time.clock_gettime(time.CLOCK_MONOTONIC), time.clock_gettime(time.CLOCK_BOOTTIME))
        time.sleep(0.02)
`;

async function numbers(container: RuncContainer, file: "clocks" | "sleeps"): Promise<readonly (readonly [number, number])[]> {
  const lines = (await container.read(file)).split("\n").slice(0, -1);
  return lines.map((line) => line.split(" ").map(Number) as [number, number]);
}

/** Waits until a program has written so many lines more. */
async function goesOn(container: RuncContainer, file: "clocks" | "sleeps", lines: number): Promise<void> {
  const { length } = await numbers(container, file).catch(() => []);
  await eventually(`${file} to go on`, async () => (await numbers(container, file)).length >= length + lines);
}

/** Runs a container as on a machine with other clocks. */
async function startAhead(): Promise<RuncContainer> {
  const container = await RuncContainer.create({ arguments: ["/usr/bin/python3", "-c", program] });
  const script = `#!/bin/sh\nexec ${unshareClocks(String(ahead.monotonic), String(ahead.boottime))} /usr/sbin/runc "$@"\n`;
  container.runtime = container.path("ahead");
  await writeFile(container.runtime, script, { mode: 0o755 });
  await container.start();
  return container;
}

/** @param text of timens_offsets: a line for each clock, of its name, seconds and nanoseconds */
function offsets(text: string): Record<string, readonly number[]> {
  const lines = text.trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.trim().split(/ +/)).map(([name, ...words]) => [name, words.map(Number)]));
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** What a container is to a runtime that is called outside of its time namespace. */
async function stateByHand(container: RuncContainer): Promise<string> {
  const { stdout } = await promisify(execFile)("runc", ["--root", container.path("state"), "state", container.id]);
  return (JSON.parse(stdout) as { readonly status: string }).status;
}

async function state(container: RuncContainer): Promise<string> {
  return (JSON.parse(await container.call("state", container.id)) as { readonly status: string }).status;
}

/** Within a second ahead at most: the source's are later than this machine's by `ahead` less what has passed since the dump. */
async function assertClocksGoOn(container: RuncContainer): Promise<void> {
  const clocks = await numbers(container, "clocks");
  for (const clock of [0, 1] as const) {
    const back = clocks.findIndex((line, index) => index > 0 && line[clock] < clocks[index - 1]![clock]);
    assert.equal(back, -1, `clock ${clock} went back: ${clocks.slice(Math.max(0, back - 1), back + 1)}`);
  }
  const own = offsets(await readFile(`/proc/${await container.pid()}/timens_offsets`, "utf8"));
  for (const name of ["monotonic", "boottime"] as const) {
    const [seconds = 0, nanoseconds] = own[name]!;
    assert.equal(nanoseconds, 0);
    assert.ok(seconds <= ahead[name], `${name} is ${seconds} s ahead`);
  }
  for (const [begin, end] of await numbers(container, "sleeps")) assert.ok(end - begin >= 0.5, `${begin} to ${end}`);
}

test("a container of a machine with other clocks goes on under a runtime that knows no time namespaces", async () => {
  await using source = await startAhead();
  await goesOn(source, "sleeps", 1);
  await using first = await resume(source, await dumpAndCompile(source, sameCpu), { clocks: "unshare" });
  await goesOn(first, "sleeps", 2);
  await assertClocksGoOn(first);

  // What an engine does with a container.
  assert.equal(await state(first), "running");
  assert.equal(await stateByHand(first), "stopped");
  const own = offsets(await readFile(`/proc/${await first.pid()}/timens_offsets`, "utf8"));
  assert.deepEqual(offsets(await first.call("exec", first.id, "cat", "/proc/self/timens_offsets")), own);
  await first.pause();
  assert.equal(await state(first), "paused");
  await first.call("resume", first.id);
  await goesOn(first, "clocks", 1);

  await using second = await resume(first, await dumpAndCompile(first, sameCpu), { clocks: "unshare" });
  assert.equal(await exists(first.path("clocks", first.id)), false);
  await goesOn(second, "sleeps", 2);
  await assertClocksGoOn(second);
  await second.call("kill", second.id, "KILL");
  await eventually("its end", async () => (await state(second)) === "stopped");
  await second.call("delete", second.id);
  assert.equal(await exists(second.path("clocks", second.id)), false);
  await assert.rejects(second.call("state", second.id), /does not exist/);
});
