import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import { buildCounterImage, container, countAt, source as here, image, stateAt, targetPlace } from "../faults/counter.ts";
import { leftInState } from "../faults/leftovers.ts";
import { runMover } from "../faults/run-mover.ts";
import { dockerProgram } from "../lab/docker.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { check, migrate } from "../src/index.ts";
import { listMoves, recover } from "../src/migration/index.ts";
import { program } from "./support/cli.ts";
import { rowOf, runCriuSetup } from "./support/criu-setup.ts";
import { removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { type OwnState, ownState } from "./support/own-state.ts";
import { ensureSource } from "./support/surroundings.ts";

let machine: LabMachine;
let state: OwnState;

before(async () => {
  await ensureSource();
  await buildCounterImage();
  machine = await ensureX86Machine();
  await on(machine, "rm -rf /var/lib/migrate-container/*");
  await execa(dockerProgram, ["save", image], { buffer: false }).pipe("ssh", [
    ...["-F", machine.sshConfig, machine.name],
    "docker load",
  ]);
  state = await ownState();
});

after(async () => {
  await removeContainer(container);
  await clear(machine, container);
  await on(machine, `docker image rm ${image}; rm -rf /var/lib/migrate-container/*`);
  await state[Symbol.asyncDispose]();
});

/** Lets it count on the other machine, and nothing of it be here. */
async function startThere(): Promise<void> {
  await removeContainer(container);
  await clear(machine, container);
  await on(machine, `docker run --detach --name ${container} --stop-timeout 1 ${image}`);
  await setTimeout(200);
}

/** What the tool has left of moves from there, on both machines. */
async function left(): Promise<string[]> {
  const dumps = await on(machine, "find /var/lib/migrate-container/dumps -mindepth 1 2>/dev/null || true");
  return [...dumps.split("\n").filter((line) => line !== ""), ...(await leftInState(state.folder))];
}

const from = () => ({ container, source: machine.target, target: "local", sshConfig: machine.sshConfig });

test("a machine without CRIU: `check --from` says how it gets one, for that machine; `setup` brings it", async () => {
  await startThere();
  const { findings, verdicts } = await check(from());
  const missing = findings.find(({ rule }) => rule === "source.criu");
  assert.equal(missing?.host, machine.target);
  assert.equal(verdicts.resume, "blocked");
  assert.ok(missing?.remedy?.includes(`migrate-container setup ${machine.target}`), String(missing?.remedy));
  const { exitCode, stdout, stderr } = await runCriuSetup(machine, "--yes");
  // What its runtime can't do is the target's affair, which it is not.
  assert.match(rowOf(stdout, "CRIU").line, /→ CRIU/, stderr);
  assert.ok(exitCode === 0 || exitCode === 3, stdout + stderr);
  const words = ["check", container, "local", "--from", machine.target, "--ssh-config", machine.sshConfig];
  const checked = await execa(program, words, { reject: false, stdin: "ignore" });
  assert.equal(checked.exitCode, 0, checked.stdout + checked.stderr);
  assert.ok(checked.stdout.includes(`migrate-container migrate ${container} local --from ${machine.target} `), checked.stdout);
});

for (const strategy of ["resume", "restore"] as const) {
  test(`a container of another machine comes here and goes on, by ${strategy}`, async () => {
    await startThere();
    const result = await migrate({ ...from(), strategy });
    assert.equal(result.status, "migrated", JSON.stringify(result));
    assert.equal(result.source, machine.target);
    assert.equal(await stateAt(targetPlace(machine)), "exited");
    const count = await countAt(here);
    assert.ok(count >= (await countAt(targetPlace(machine))));
    await setTimeout(300);
    assert.ok((await countAt(here)) > count);
    assert.deepEqual(await left(), []);
  });
}

test("a container that came here goes back", async () => {
  await startThere();
  const came = await migrate({ ...from(), strategy: "resume" });
  assert.equal(came.status, "migrated", JSON.stringify(came));
  await clear(machine, container);
  const count = await countAt(here);
  const result = await migrate({ container, target: machine.target, sshConfig: machine.sshConfig, strategy: "resume" });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  const back = await countAt(targetPlace(machine));
  assert.ok(back > count, `${back} after ${count}`);
  await setTimeout(300);
  assert.ok((await countAt(targetPlace(machine))) > back);
  assert.deepEqual([await stateAt(here), await stateAt(targetPlace(machine))], ["exited", "running"]);
  assert.deepEqual(await left(), []);
});

test("a container of another machine starts anew here, with its files", async () => {
  await startThere();
  const result = await migrate({ ...from(), strategy: "replatform" });
  assert.equal(result.status, "migrated", JSON.stringify(result));
  assert.deepEqual([await stateAt(here), await stateAt(targetPlace(machine))], ["running", "exited"]);
  assert.deepEqual(await left(), []);
});

for (const point of [
  { when: "before", what: "object dump" },
  { when: "after", what: "step dump" },
  { when: "before", what: "step send" },
] as const) {
  test(`a move from another machine that is killed ${point.when} ${point.what} is rolled back there`, async () => {
    await startThere();
    const task = { ...from(), strategy: "resume" } as const;
    const { struck } = await runMover({ ...task, strike: { fault: "kill", point } }, state.folder, async () => {});
    assert.ok(struck);
    assert.deepEqual(
      (await listMoves()).map(({ source, target, state }) => [source, target, state]),
      [[machine.target, "local", "interrupted"]],
    );
    const [move] = await recover();
    assert.deepEqual(
      [move?.decision, move?.status, move?.source, move?.running],
      [...["roll-back", "rolled-back"], ...[machine.target, true]],
    );
    assert.deepEqual([await stateAt(here), await stateAt(targetPlace(machine))], ["", "running"]);
    const count = await countAt(targetPlace(machine));
    await setTimeout(300);
    assert.ok((await countAt(targetPlace(machine))) > count);
    assert.deepEqual(await left(), []);
  });
}
