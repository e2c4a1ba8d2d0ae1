import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import type { MoveOverview, RecoveredMove } from "../../migration/index.ts";
import { runWith } from "../testing/run-with.ts";

const move: MoveOverview = {
  ...{ operation: "migrate", archive: undefined, group: undefined },
  ...{
    id: "20261101120000-abcdef",
    container: "web",
    containerId: "0123",
    source: "local",
    target: "ssh://board",
    name: "web",
    strategy: "resume",
  },
  ...{ begunAt: "2026-11-01T12:00:00.000Z", updatedAt: "2026-11-01T12:00:05.000Z", step: "send", made: [], remains: [] },
  steps: [{ step: "send", at: "2026-11-01T12:00:04.000Z" }],
  ...{ live: undefined, error: undefined, figures: undefined, state: "interrupted" },
};
const running: MoveOverview = {
  ...move,
  state: "running",
  live: {
    ...{ id: move.id, processId: 7, step: "send", title: "Sending the package", bytes: 512, totalBytes: 1024, elapsedMs: 4000 },
    ...{ cancelled: false, rollingBack: false },
  },
};
const recovered: RecoveredMove = {
  ...{ operation: "migrate", archive: undefined },
  ...{
    id: move.id,
    container: "web",
    source: "local",
    sourceEngine: "docker",
    target: "ssh://board",
    decision: "roll-back",
    status: "rolled-back",
  },
  ...{ running: true, memoryLost: false, remains: [] },
};

test("list: what is under way, and what to do about what was interrupted", async () => {
  const { exitCode, stdout } = await runWith({ listMoves: async () => [move, running] }, ["list"]);
  assert.equal(exitCode, 0);
  const [head, first, second, next] = stdout.split("\n");
  assert.match(head!, /^MOVE +CONTAINER +TARGET +STRATEGY +STATE +BEGUN \(UTC\)$/);
  assert.match(
    first!,
    /web +ssh:\/\/board +resume +interrupted +2026-11-01 12:00:00 +its tool is gone \(in step send\); web may be frozen here/,
  );
  assert.match(second!, /running .* Sending the package, 50 % of 1.0 KiB/);
  assert.equal(next, `Next: migrate-container recover ${move.id}`);
  assert.equal((await runWith({ listMoves: async () => [] }, ["list"])).stdout, "");
});

test("list and status: with which others a container is moved", async () => {
  const group = ["web", "redis", "worker"].map((container, index) => ({ id: index === 0 ? move.id : `${index}`, container }));
  const { stdout } = await runWith({ listMoves: async () => [{ ...move, group }] }, ["list"]);
  assert.match(stdout, /web may be frozen here \(together with redis, worker\)$/m);
  const status = await runWith({ findMove: async () => ({ ...move, group }) }, ["status", "web"]);
  assert.match(status.stdout, /^ {2}Together with +redis, worker$/m);
});

test("history: all moves, or those of one container", async () => {
  const asked: unknown[] = [];
  const listMoves = async (options: unknown) => {
    asked.push(options);
    return [
      { ...move, state: "migrated" as const },
      { ...move, container: "other" },
    ];
  };
  const { stdout } = await runWith({ listMoves }, ["history", "web", "--json"]);
  assert.deepEqual(asked, [{ all: true }]);
  const { moves } = JSON.parse(stdout) as { moves: MoveOverview[] };
  assert.deepEqual(
    moves.map(({ container, state }) => [container, state]),
    [["web", "migrated"]],
  );
});

test("status: 5 for what needs somebody, 1 for what there is not", async () => {
  const show = (found: MoveOverview | undefined) => runWith({ findMove: async () => found }, ["status", "web"]);
  const { exitCode, stdout } = await show(move);
  assert.equal(exitCode, 5);
  assert.match(stdout, /State +interrupted: its tool is gone/);
  assert.equal((await show(running)).exitCode, 0);
  const none = await show(undefined);
  assert.equal(none.exitCode, 1);
  assert.match(none.stderr, /there is no move of `web`[\s\S]*history/);
});

test("status --watch shows each change once, until the end", async () => {
  const seen = [running, running, { ...move, state: "migrated" as const }];
  const { exitCode, stdout } = await runWith({ findMove: async () => seen.shift() }, ["status", "web", "--watch", "--json"]);
  assert.equal(exitCode, 0);
  const states = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as MoveOverview).state);
  assert.deepEqual(states, ["running", "migrated"]);
});

test("cancel: the exit status tells how the move ended", async () => {
  const cancel = (state: MoveOverview["state"]) => runWith({ cancel: async () => ({ ...move, state }) }, ["cancel", "web"]);
  assert.equal((await cancel("rolled-back")).exitCode, 0);
  assert.equal((await cancel("migrated")).exitCode, 4);
  assert.equal((await cancel("stuck")).exitCode, 5);
  const refuse = async () => {
    throw new MigrationError("no-such-move", "no move of `web` is under way", { remedy: "list" });
  };
  assert.equal((await runWith({ cancel: refuse }, ["cancel", "web"])).exitCode, 1);
});

test("recover: what became of each, and 5 when something is left", async () => {
  const asked: unknown[] = [];
  const recover =
    (moves: RecoveredMove[]) =>
    async (which: readonly string[], options: { preferSource?: boolean } = {}) => {
      asked.push([which, options.preferSource]);
      return moves;
    };
  const done = await runWith({ recover: recover([recovered]) }, ["recover", "web", "--roll-back"]);
  assert.deepEqual([done.exitCode, done.stdout], [0, "✔ web runs on this machine\n"]);
  assert.deepEqual(asked, [[["web"], true]]);
  const lost = { ...recovered, running: false, memoryLost: true };
  const told = await runWith({ recover: recover([lost]) }, ["recover"]);
  assert.match(told.stdout, /in memory is gone\.\n {2}Next: docker start web\n$/);
  const error = new MigrationError("target-unreachable", "ssh://board does not answer", { remedy: "Mend it." });
  const stuck = { ...recovered, status: "stuck" as const, running: undefined, remains: ["web stays frozen"], error };
  const left = await runWith({ recover: recover([stuck]) }, ["recover"]);
  assert.equal(left.exitCode, 5);
  assert.match(left.stdout, /✖ web is not recovered yet\n {2}Left: web stays frozen\n {2}Cause: ssh.*\n {2}Remedy: Mend it\./);
  assert.match((await runWith({ recover: recover([]) }, ["recover"])).stderr, /Nothing to recover/);
  const unknown = await runWith({ recover: recover([]), findMove: async () => undefined }, ["recover", "nope"]);
  assert.equal(unknown.exitCode, 1);
});
