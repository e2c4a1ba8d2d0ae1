import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { type MigrationResult, migrate } from "../src/index.ts";
import { findMove, type MoveOverview, type RecoveredMove } from "../src/migration/index.ts";
import { program } from "./support/cli.ts";
import { docker, removeContainer } from "./support/docker.ts";
import { clear, traces } from "./support/machine.ts";
import { startRedis } from "./support/redis-container.ts";
import { ensureSource } from "./support/surroundings.ts";

const container = "two-terminals-redis";
let machine: LabMachine;
let stateFolder: string;
let tracesBefore: string;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  await clear(machine, container);
  stateFolder = await mkdtemp(join(tmpdir(), "two-terminals-"));
  process.env.XDG_STATE_HOME = stateFolder;
});

beforeEach(async () => {
  await clear(machine, container);
  await startRedis(container, 100, 6399);
  tracesBefore = await traces(machine);
});

afterEach(async () => {
  await removeContainer(container);
});

after(async () => {
  delete process.env.XDG_STATE_HOME;
  await rm(stateFolder, { recursive: true });
});

/** Runs a command as another terminal does. */
async function other(...words: readonly string[]) {
  const { stdout, stderr, exitCode } = await execa(program, words, { reject: false });
  return { stdout, stderr, exitCode };
}

/** A move in this process that waits after a step until it is told to go on. */
function pausedMove(pauseAfter: string): AsyncDisposable & {
  readonly result: Promise<MigrationResult>;
  readonly reached: Promise<unknown>;
  goOn(): void;
} {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const result = migrate({
    container,
    target: machine.target,
    sshConfig: machine.sshConfig,
    afterStep: async (step) => {
      if (step !== pauseAfter) return;
      reached.resolve();
      await goOn.promise;
    },
  });
  return {
    result,
    reached: Promise.race([reached.promise, result]),
    goOn: () => goOn.resolve(),
    // A test that fails must not leave it waiting.
    async [Symbol.asyncDispose]() {
      goOn.resolve();
      await result;
    },
  };
}

test("status and list tell of a move that another process carries out; a second move is refused; cancel undoes it", async () => {
  await using move = pausedMove("dump");
  await move.reached;
  const status = JSON.parse((await other("status", container, "--json")).stdout) as MoveOverview;
  assert.deepEqual([status.state, status.step, status.target], ["running", "dump", machine.target]);
  assert.equal(status.live?.processId, process.pid);
  assert.match((await other("list")).stdout, /two-terminals-redis .* running /);

  const second = await other("migrate", container, machine.target, "--ssh-config", machine.sshConfig);
  assert.equal(second.exitCode, 1);
  assert.match(second.stderr, /is being moved by another run of this tool/);
  assert.equal((await other("recover", container)).exitCode, 0, "what is under way needs no recovery");

  const cancelling = other("cancel", container, "--json");
  while ((await findMove(container))?.live?.cancelled !== true) await setTimeout(50);
  move.goOn();
  const cancelled = await cancelling;
  assert.equal(cancelled.exitCode, 0, cancelled.stderr);
  assert.equal((JSON.parse(cancelled.stdout) as MoveOverview).state, "rolled-back");
  const result = await move.result;
  assert.equal(result.status, "rolled-back");
  assert.match(result.status === "rolled-back" ? result.error.message : "", /cancelled from another terminal/);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "running");
  assert.equal(await traces(machine), tracesBefore);
});

test("status --watch follows a move to its end, which history then has", async () => {
  await using move = pausedMove("create");
  await move.reached;
  const watching = execa(program, ["status", container, "--watch", "--json"], { reject: false });
  await once(watching.stdout, "data");
  move.goOn();
  assert.equal((await move.result).status, "migrated");
  const { stdout, exitCode } = await watching;
  assert.equal(exitCode, 0);
  const seen = stdout.split("\n").map((line) => JSON.parse(line) as MoveOverview);
  assert.ok(seen.length >= 2);
  assert.deepEqual([seen[0]?.state, seen[0]?.step, seen.at(-1)?.state], ["running", "create", "migrated"]);
  assert.match((await other("history", container)).stdout, /migrated .*two-terminals-redis runs on ssh:\/\/x86-lab/);
  assert.match((await other("list")).stderr, /No move is under way/);
  const late = await other("cancel", container);
  assert.equal(late.exitCode, 1);
  assert.match(late.stderr, /no move of `two-terminals-redis` is under way/);
  await clear(machine, container);
});

test("--no-rollback leaves all as it is, and recover ends it", async () => {
  const result = await other(
    ...["migrate", container, machine.target, "--ssh-config", machine.sshConfig, "--json"],
    ...["--no-rollback", "--health-cmd", "exit 3"],
  );
  assert.equal(result.exitCode, 5, result.stderr);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "paused");
  const again = await other("migrate", container, machine.target, "--ssh-config", machine.sshConfig);
  assert.equal(again.exitCode, 1);
  assert.match(again.stderr, /an earlier move of `two-terminals-redis` .* was interrupted[\s\S]*recover 2/);
  assert.equal((await other("status", container)).exitCode, 5);
  const recovered = await other("recover", container, "--roll-back", "--json");
  assert.equal(recovered.exitCode, 0, recovered.stderr);
  const [move] = (JSON.parse(recovered.stdout) as { moves: RecoveredMove[] }).moves;
  assert.deepEqual([move?.status, move?.running], ["rolled-back", true]);
  assert.equal(await docker("inspect", "--format", "{{.State.Status}}", container), "running");
  assert.equal(await traces(machine), tracesBefore);
  assert.equal((await other("recover", "no-such-container")).exitCode, 1);
});
