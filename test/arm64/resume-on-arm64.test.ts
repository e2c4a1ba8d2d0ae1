import assert from "node:assert/strict";
import test from "node:test";
import { ensureArm64Machine } from "../../lab/machines.ts";
import { Arm64Container } from "../support/arm64-container.ts";

/** Threads that count and sum, a child that writes into a pipe, and a handler. */
const script = `
import hashlib, os, signal, threading, time
blob = bytes(range(256)) * 40960
data = {i: (i * 2654435761) % (1 << 32) for i in range(50000)}
def note(name, line):
    with open("/tmp/" + name, "a") as file: file.write(line + "\\n")
def tick():
    n = 0
    while True:
        n += 1
        note("ticks", "%d %s %d" % (n, hashlib.sha256(blob).hexdigest()[:8], sum(data.values()) % 1000003))
        time.sleep(0.2)
def spin():
    x = 0.5
    while True:
        for _ in range(1000): x = (x * 1.7 + 0.25) % 1.0
        time.sleep(0.02)
signal.signal(signal.SIGUSR1, lambda *_: note("signals", "%d %s" % (threading.get_native_id(), time.monotonic() > 0)))
for each in tick, spin: threading.Thread(target=each, daemon=True).start()
r, w = os.pipe()
if os.fork() == 0:
    n = 0
    while True:
        n += 1
        os.write(w, b"%d\\n" % n)
        time.sleep(0.3)
while True: note("pipe", os.read(r, 100).decode().strip())
`;

const lines = (text: string): string[] => text.split("\n");

/** Whether no number is missing, and none comes twice. */
function checkNumbers(numbers: readonly number[]): void {
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
}

test("ARM64 to ARM64: python with threads, a child and handlers goes on natively", async () => {
  const machine = await ensureArm64Machine();
  await using container = await Arm64Container.start(machine, "python-arm64", ["python3", "-c", script]);
  await container.eventually("some ticks", async () => lines(await container.call("cat", "/tmp/ticks")).length > 5);
  await container.carry();
  const before = lines(await container.read("/tmp/ticks")).length;
  await container.eventually("more ticks", async () => lines(await container.read("/tmp/ticks")).length > before + 10);
  const ticks = lines(await container.read("/tmp/ticks"));
  checkNumbers(ticks.map((line) => Number(line.split(" ")[0])));
  assert.deepEqual(new Set(ticks.map((line) => line.replace(/^\d+ /, ""))).size, 1);
  checkNumbers(lines(await container.read("/tmp/pipe")).map(Number));
  // The handler returns by the kernel's vDSO, and asks for the time by the program's.
  for (const count of [1, 2]) {
    await container.callResumed("python3", "-c", "import os; os.kill(1, 10)");
    await container.eventually("the handler", async () => lines(await container.read("/tmp/signals")).length === count);
  }
  assert.deepEqual(lines(await container.read("/tmp/signals")), ["1 True", "1 True"]);
});
