import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../../lab/machines.ts";
import type { Report } from "../../src/index.ts";
import { ownAdbServer } from "../support/adb-server.ts";
import { program } from "../support/cli.ts";
import { docker, removeContainer } from "../support/docker.ts";
import { clear } from "../support/machine.ts";
import { ensureSource } from "../support/surroundings.ts";
import { moveProgram } from "../workloads/move-program.ts";
import { testRedisMove } from "../workloads/redis-move.ts";
import { pythonThreads } from "../workloads/services.ts";

const container = "move-over-adb";
let server: AsyncDisposable;
let machines: readonly LabMachine[];

before(async () => {
  server = await ownAdbServer();
  await ensureSource();
  machines = [await ensureX86Machine(), await ensureArm64Machine()];
  await removeAll();
});

after(async () => {
  await removeAll();
  await server[Symbol.asyncDispose]();
});

async function removeAll(): Promise<void> {
  await removeContainer(container);
  for (const machine of machines) await clear(machine, container);
}

for (const [index, way] of ["natively", "to ARM64"].entries()) {
  test(`over ADB, ${pythonThreads.title} moves with its state, ${way}`, { timeout: 900_000 }, async () => {
    await removeAll();
    const machine = machines[index]!;
    await moveProgram(pythonThreads, { container, machine, target: machine.adb });
    assert.equal(await docker("inspect", "--format", "{{.State.Running}}", container), "false");
  });
}

test("over ADB, `check` finds out the same as over SSH", async () => {
  await docker("start", container);
  const [, machine] = machines;
  // The copy has the published port.
  await clear(machine!, container);
  const reports: Report[] = [];
  for (const target of [machine!.adb, machine!.target]) {
    const words = ["check", container, target, "--ssh-config", machine!.sshConfig, "--name", "other", "--json"];
    const { stdout } = await execa(program, words, { reject: false });
    reports.push(JSON.parse(stdout) as Report);
  }
  const [overAdb, overSsh] = reports.map(({ verdicts, findings }) => ({ verdicts, rules: findings.map(({ rule }) => rule) }));
  assert.deepEqual(overAdb, overSsh);
  assert.equal(overAdb?.verdicts.resume, "ready");
});

testRedisMove("move-redis-over-adb", (machine) => machine.adb);
