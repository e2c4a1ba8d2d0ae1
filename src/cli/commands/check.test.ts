import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("the configuration file goes to the check and into the command line that is proposed; a wrong one ends with 1", async () => {
  const folder = await mkdtemp(join(tmpdir(), "check-"));
  const file = join(folder, "criu_config.json");
  await writeFile(file, '{"log_level": "debug"}');
  const requests: CheckRequest[] = [];
  const check = async (request: CheckRequest) => {
    requests.push(request);
    return readyReport;
  };
  const right = await runWith({ check }, ["check", "web", "ssh://board", "--config", file]);
  assert.equal(requests[0]?.configuration?.logLevel, 4);
  assert.ok(right.stdout.endsWith(`migrate web ssh://board --config ${file}\n`), right.stdout);
  await writeFile(file, '{"log_level":\n "loud"}');
  const wrong = await runWith({ check }, ["check", "web", "--config", file]);
  assert.equal(wrong.exitCode, 1);
  assert.ok(wrong.stderr.includes(`${file}:2:2: \`log_level\` is "loud"`), wrong.stderr);
  assert.equal(requests.length, 1);
  await rm(folder, { recursive: true });
});
