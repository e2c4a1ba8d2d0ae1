import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const fakeMove = fileURLToPath(new URL("./testing/fake-move.ts", import.meta.url));

/** Starts a pretended move. `until` waits until its log holds a text. */
function startMove(rollbackMs: number, ...options: string[]) {
  const child = execa(process.execPath, [fakeMove, "migrate", "web", "ssh://board", ...options], {
    reject: false,
    env: { ROLLBACK_MS: String(rollbackMs), LANG: "C.UTF-8" },
    timeout: 20_000,
  });
  let log = "";
  let hasEnded = false;
  void child.then(() => {
    hasEnded = true;
  });
  child.stderr.on("data", (chunk) => {
    log += String(chunk);
  });
  const until = async (text: string): Promise<void> => {
    while (!log.includes(text)) {
      assert.ok(!hasEnded, `it ended before it said ${text}: ${log}`);
      await setTimeout(10);
    }
  };
  return { child, until };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} rolls back, says so, and ends with 130`, async () => {
    const { child, until } = startMove(10);
    await until("Dump: started");
    child.kill(signal);
    const { exitCode, stdout, stderr } = await child;
    assert.equal(exitCode, 130, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, new RegExp(`${signal}: undoing the move, so that the container goes on here`));
    assert.match(stderr, /undone: thawed web\n/);
    assert.match(stderr, /State: web runs on this machine as before; nothing is left on ssh:\/\/root@board\.\n/);
  });
}

test("with --json an interrupted move still gives its result", async () => {
  const { child, until } = startMove(10, "--json");
  await until("step-started");
  child.kill("SIGINT");
  const { exitCode, stdout } = await child;
  assert.equal(exitCode, 130);
  const { status, error } = JSON.parse(stdout) as { status: string; error: { code: string } };
  assert.deepEqual([status, error.code], ["rolled-back", "cancelled"]);
});

test("a second signal ends at once and says what may be left", async () => {
  const { child, until } = startMove(15_000);
  await until("Dump: started");
  child.kill("SIGINT");
  await until("rolling back");
  await setTimeout(600);
  const begin = performance.now();
  child.kill("SIGINT");
  const { exitCode, stderr } = await child;
  assert.ok(performance.now() - begin < 5000);
  assert.equal(exitCode, 5, stderr);
  assert.match(stderr, /SIGINT again: ended at once\.\n/);
  assert.match(stderr, /web may be frozen here\.\n[\s\S]*migrate-container recover web$/);
});
