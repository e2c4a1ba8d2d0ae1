import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import { migrateGroup } from "../../src/index.ts";
import { assertMoved, endProjectThere, project, removeProject, startAnew } from "../support/compose-project.ts";
import { type OwnState, ownState } from "../support/own-state.ts";
import { ensureSource } from "../support/surroundings.ts";

let machine: LabMachine;
let state: OwnState;

before(async () => {
  await ensureSource();
  machine = await ensureArm64Machine();
  state = await ownState();
});

after(async () => {
  await removeProject();
  await endProjectThere(machine);
  await state[Symbol.asyncDispose]();
});

test("a compose project of three moves to ARM64 as one", async () => {
  await startAnew(machine);
  const { status, members } = await migrateGroup({
    composeProject: project,
    target: machine.target,
    sshConfig: machine.sshConfig,
  });
  assert.equal(status, "migrated", JSON.stringify(members));
  await assertMoved(machine);
});
