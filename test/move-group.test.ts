import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Point } from "../faults/fault-case.ts";
import { leftInState } from "../faults/leftovers.ts";
import { runMover } from "../faults/run-mover.ts";
import { ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { checkGroup, migrateGroup } from "../src/index.ts";
import { cancel, findMove, listMoves, recover } from "../src/migration/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import {
  assertGoesOn,
  assertMoved,
  containerOf,
  endProjectThere,
  here,
  placeOn,
  project,
  removeProject,
  services,
  startAnew,
  statesAt,
} from "./support/compose-project.ts";
import {
  countAt,
  ends,
  network as full,
  removeFullConnection,
  startFullConnection,
  wordsOfReader,
} from "./support/full-connection.ts";
import { type OwnState, ownState } from "./support/own-state.ts";
import { ensureSource } from "./support/surroundings.ts";

let machine: LabMachine;
let state: OwnState;

before(async () => {
  await ensureSource();
  machine = await ensureX86Machine();
  state = await ownState();
});

after(async () => {
  await removeProject();
  await endProjectThere(machine);
  await state[Symbol.asyncDispose]();
});

const to = (where: LabMachine) => ({ composeProject: project, target: where.target, sshConfig: where.sshConfig });

test("a compose project of three that talk to each other without pause moves as one", async () => {
  await startAnew(machine);
  const reports = await checkGroup(to(machine));
  assert.deepEqual(
    reports.map(({ container, report }) => [container, report.verdicts.resume, report.blockers.restore]),
    services.map((service) => [containerOf(service), "ready", ["socket.group-connection"]]),
  );
  const { status, members } = await migrateGroup(to(machine));
  assert.equal(status, "migrated", JSON.stringify(members));
  assert.deepEqual(
    members.map(({ container, strategy, notes }) => [container, strategy, notes]),
    services.map((service) => [containerOf(service), "resume", []]),
  );
  await assertMoved(machine);
  assert.deepEqual(await leftInState(state.folder), []);
});

for (const [point, side] of [
  [{ when: "before", what: "object freeze" }, "source"],
  [{ when: "after", what: "step sync-volumes" }, "source"],
  [{ when: "before", what: "step start" }, "source"],
  [{ when: "after", what: "step validate" }, "target"],
  [{ when: "before", what: "committed" }, "target"],
  [{ when: "after", what: "step commit" }, "target"],
] as const satisfies readonly [Point, "source" | "target"][]) {
  test(`a tool that is killed ${point.when} ${point.what} leaves all three on the ${side} after \`recover\``, async () => {
    await startAnew(machine);
    const { struck } = await runMover(
      { ...to(machine), strategy: "resume", strike: { fault: "kill", point } },
      state.folder,
      async () => {},
    );
    assert.ok(struck);
    assert.deepEqual(
      new Set((await listMoves()).map(({ state, group }) => [state, group?.length].join())),
      new Set(["interrupted,3"]),
    );
    const recovered = await recover([containerOf("web")]);
    const status = side === "target" ? "migrated" : "rolled-back";
    assert.deepEqual(
      recovered.map((move) => [move.container, move.status, move.running]),
      services.map((service) => [containerOf(service), status, true]),
    );
    if (side === "target") await assertMoved(machine);
    else {
      assert.deepEqual(await statesAt(here), ["running", "running", "running"]);
      assert.deepEqual(await statesAt(placeOn(machine)), []);
      await assertGoesOn(here);
    }
    assert.deepEqual(await listMoves(), []);
    assert.deepEqual(await leftInState(state.folder), []);
  });
}

test("one that can't go on there brings all three back", async () => {
  await startAnew(machine);
  const { status, members } = await migrateGroup({
    ...to(machine),
    afterStep: async (step) => {
      if (step === "start") await placeOn(machine).run(`docker kill ${containerOf("web")}`);
    },
  });
  assert.equal(status, "rolled-back", JSON.stringify(members));
  assert.deepEqual(await statesAt(here), ["running", "running", "running"]);
  assert.deepEqual(await statesAt(placeOn(machine)), []);
  await assertGoesOn(here);
});

test("who cancels the move of one undoes the moves of all", async () => {
  await startAnew(machine);
  const { status, members } = await migrateGroup({
    ...to(machine),
    afterStep: async (step) => {
      if (step === "send") void cancel(containerOf("worker"));
      // The step goes on until the word has come.
      if (step === "send") await eventually("the word", async () => (await findMove(containerOf("worker")))?.live?.cancelled);
    },
  });
  assert.equal(status, "rolled-back", JSON.stringify(members));
  assert.deepEqual(new Set(members.map((member) => "error" in member && member.error.code)), new Set(["cancelled"]));
  assert.deepEqual(await statesAt(here), ["running", "running", "running"]);
  await assertGoesOn(here);
});

test("a connection that is full of bytes goes on, with all of them", async () => {
  const clearThere = () =>
    placeOn(machine).run(`docker rm --force ${ends.join(" ")} >/dev/null 2>&1; docker network rm ${full} 2>&1; true`);
  await clearThere();
  await startFullConnection();
  try {
    const { status, members } = await migrateGroup({ containers: ends, target: machine.target, sshConfig: machine.sshConfig });
    assert.equal(status, "migrated", JSON.stringify(members));
    const count = await countAt(placeOn(machine));
    // More than waited in the connection, which the kernels bound (net.ipv4.tcp_rmem, tcp_wmem).
    await countAt(placeOn(machine), count + 12_000_000);
    assert.equal(await wordsOfReader(placeOn(machine)), "");
  } finally {
    await removeFullConnection();
    await clearThere();
  }
});
