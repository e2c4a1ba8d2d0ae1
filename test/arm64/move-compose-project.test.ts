import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ensureArm64Machine, type LabMachine } from "../../lab/machines.ts";
import { migrateGroup } from "../../src/index.ts";
import { assertMoved, endProjectThere, project, removeProject, startAnew } from "../support/compose-project.ts";
import { ensureSource } from "../support/surroundings.ts";

let machine: LabMachine;
let stateFolder: string;

before(async () => {
  await ensureSource();
  machine = await ensureArm64Machine();
  stateFolder = await mkdtemp(join(tmpdir(), "move-compose-project-"));
  process.env.XDG_STATE_HOME = stateFolder;
});

after(async () => {
  delete process.env.XDG_STATE_HOME;
  await removeProject();
  await endProjectThere(machine);
  await rm(stateFolder, { recursive: true });
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
