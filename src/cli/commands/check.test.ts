import assert from "node:assert/strict";
import test from "node:test";
import type { CheckRequest } from "../library.ts";
import { blockedReport, readyReport } from "../testing/results.ts";
import { runWith } from "../testing/run-with.ts";

test("findings come by severity, then the verdict and what to do", async () => {
  const { exitCode, stdout, stderr } = await runWith({ check: async () => blockedReport }, ["check", "web", "ssh://root@board"]);
  assert.equal(exitCode, 3);
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    `Blockers
  ✖ no emulator for x86_64 is registered  (target.emulator, ssh://root@board)
    Why: The target's processor can't run the program's instructions itself.
    Remedy: Install qemu-user-static there.

Warnings
  ⚠ the clocks differ by 12 s  (target.clock, ssh://root@board)
    Why: The program would see time jump.

Facts
  • web runs  (container.running, this machine)
    Why: Only what runs can be moved.

✖ web can't be moved to ssh://root@board: 1 blocker.
Next: follow the remedies above, then run this again: migrate-container check web ssh://root@board
`,
  );
});

test("ready, it gives the command line of the move, with the options that it needs", async () => {
  const { exitCode, stdout } = await runWith({ check: async () => readyReport }, [
    "check",
    "web",
    "ssh://board",
    "--ssh-config",
    "my config",
  ]);
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /✔ web can be moved to ssh:\/\/board\.\nNext: migrate-container migrate web ssh:\/\/board --ssh-config 'my config'\n$/,
  );
});

test("without a target it says what is left to check", async () => {
  const requests: CheckRequest[] = [];
  const check = async (request: CheckRequest) => {
    requests.push(request);
    return readyReport;
  };
  const { exitCode, stdout } = await runWith({ check }, ["check", "web"]);
  assert.equal(exitCode, 0);
  assert.equal(requests[0]?.target, undefined);
  assert.match(
    stdout,
    /as far as this machine goes\.\nNext: check it with a target: migrate-container check web ssh:\/\/\[user@\]host\n$/,
  );
});

test("with --json the report itself is the document", async () => {
  const { exitCode, stdout, stderr } = await runWith({ check: async () => blockedReport }, ["check", "web", "--json"]);
  assert.equal(exitCode, 3);
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), blockedReport);
});
