import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  buildCounterImage,
  container,
  countAt,
  removeCounter,
  source,
  startCounter,
  stateAt,
  targetPlace,
  volume,
} from "../faults/counter.ts";
import { runMover } from "../faults/run-mover.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { recover } from "../src/migration/index.ts";
import { docker } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { type OwnState, ownState } from "./support/own-state.ts";
import { ensureSource } from "./support/surroundings.ts";

let machine: LabMachine;
let state: OwnState;

before(async () => {
  await ensureSource();
  await buildCounterImage();
  machine = await ensureX86Machine();
  state = await ownState();
});

after(async () => {
  await removeCounter();
  await clearThere();
  await state[Symbol.asyncDispose]();
});

async function clearThere(): Promise<void> {
  await clear(machine, container);
  await on(machine, `docker volume rm --force ${volume}`);
}

/** Kills a move there, and then starts the source's container anew, as Docker does after a restart of the machine. */
async function restartAfter(what: string): Promise<void> {
  await startCounter();
  await clearThere();
  const task = { container, target: machine.target, sshConfig: machine.sshConfig, strategy: "resume" } as const;
  const strike = { fault: "kill", point: { when: "after", what } } as const;
  assert.ok((await runMover({ ...task, strike }, state.folder, async () => {})).struck);
  await docker("kill", container).catch(() => docker("unpause", container).then(() => docker("kill", container)));
  await docker("start", container);
}

test("a source that was started anew is stopped when its copy has gone on", async () => {
  await restartAfter("step start");
  const [move] = await recover();
  assert.deepEqual([move?.decision, move?.status, move?.running], ["finish", "migrated", true]);
  assert.deepEqual([await stateAt(source), await stateAt(targetPlace(machine))], ["exited", "running"]);
  assert.ok((await countAt(targetPlace(machine))) > 100);
});

test("a source that was started anew goes on as it is when its copy never ran", async () => {
  await restartAfter("step send");
  const [move] = await recover();
  assert.deepEqual([move?.decision, move?.status, move?.running, move?.memoryLost], ["roll-back", "rolled-back", true, true]);
  assert.deepEqual([await stateAt(source), await stateAt(targetPlace(machine))], ["running", ""]);
});
