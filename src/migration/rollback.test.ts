import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../errors.ts";
import type { JournalEntry } from "./journal/entry.ts";
import type { Side } from "./move.ts";
import type { MadeObject, Role } from "./objects/made-object.ts";
import { undoAll } from "./rollback.ts";

/** What a move makes, in the order of real ones. */
const made: readonly MadeObject[] = [
  { object: "work", path: "/nowhere/migrate-container-test" },
  { object: "runtime" },
  { object: "container", name: "web" },
  { object: "freeze", id: "1", name: "web" },
  { object: "folder", path: "/incoming/1" },
];

interface Faults {
  /** Machines that can't be reached. */
  readonly away?: readonly Role[];
  readonly thawFails?: boolean;
  readonly journalFails?: boolean;
}

async function undo(targetStarted: boolean, { away = [], thawFails = false, journalFails = false }: Faults = {}) {
  const log: string[] = [];
  const undone: (string | MigrationError)[] = [];
  const written: JournalEntry[] = [];
  const side = {
    host: {
      name: "board",
      must: async () => void log.push("folder"),
      script: async () => {
        log.push("runtime");
        return "";
      },
    },
    engine: {
      // The container's undoing asks for the copy, and there is none.
      list: async () => {
        log.push("container");
        return [];
      },
      thaw: async () => {
        log.push("freeze");
        if (thawFails) throw new Error("it broke");
      },
    },
  };
  const engine = { ...side.engine, host: side.host };
  const journal = {
    write: async (entry: JournalEntry) => {
      if (journalFails) throw new Error("the disk is full");
      written.push(entry);
    },
  };
  const outcome = await undoAll([{ moveId: "1", made, journal }], {
    targetStarted,
    sides: {
      side: async (role) => {
        if (away.includes(role)) throw new MigrationError("target-unreachable", "it is away", { host: "board" });
        return { host: side.host, engine } as unknown as Side;
      },
      name: (role) => (role === "source" ? "local" : "board"),
    },
    onUndone: (_object, title, error) => undone.push(error ?? title),
  });
  return { ...outcome, log, undone, written };
}

test("rollback: before the copy may have run, the source goes on at once; the rest is undone from the last to the first", async () => {
  const { thawed, remains, log, undone, written } = await undo(false);
  assert.deepEqual([thawed, remains], [true, []]);
  assert.deepEqual(log, ["freeze", "folder", "container", "runtime"]);
  assert.deepEqual(undone, [
    "let web go on on local",
    "removed the package on board",
    "removed the container web on board",
    "left the engine's configuration as it was on board",
    "removed the dump on local",
  ]);
  assert.deepEqual(
    written.map((entry) => entry.kind === "undone" && entry.object.object),
    ["freeze", "folder", "container", "runtime", "work"],
  );
});

test("rollback: once the copy may have run, it must be gone before the source goes on", async () => {
  const { thawed, log } = await undo(true);
  assert.equal(thawed, true);
  assert.deepEqual(log, ["container", "freeze", "folder", "runtime"]);
});

test("rollback: the source stays frozen when the copy may still run", async () => {
  const { thawed, remains, log, undone } = await undo(true, { away: ["target"] });
  assert.equal(thawed, false);
  assert.deepEqual(log, []);
  assert.deepEqual(remains.slice(0, 2), [
    "container web on board (it is away)",
    "the frozen container web on local stays frozen, since its copy on the target may run",
  ]);
  assert.equal(remains.length, 4);
  const [error] = undone;
  assert.ok(error instanceof MigrationError);
  assert.equal(error.code, "target-unreachable");
});

test("rollback: a copy that never ran does not keep the source frozen", async () => {
  const { thawed, remains, log } = await undo(false, { away: ["target"] });
  assert.equal(thawed, true);
  assert.deepEqual(log, ["freeze"]);
  assert.equal(remains.length, 3);
});

test("rollback: a source that can't be thawed is told, and the rest is undone all the same", async () => {
  const { thawed, remains, log } = await undo(false, { thawFails: true });
  assert.deepEqual([thawed, remains], [false, ["the frozen container web on local (it broke)"]]);
  assert.deepEqual(log, ["freeze", "folder", "container", "runtime"]);
});

test("rollback: a journal that can't be written does not keep the source frozen", async () => {
  const { thawed, remains, undone } = await undo(true, { journalFails: true });
  assert.deepEqual([thawed, remains], [true, []]);
  assert.equal(undone.filter((title) => typeof title === "string").length, 5);
});

test("rollback: of a group no source goes on before every copy is gone", async () => {
  const log: string[] = [];
  const moves = ["1", "2"].map((moveId) => ({
    moveId,
    journal: { write: async () => {} },
    made: [
      { object: "container", name: `web-${moveId}` },
      { object: "freeze", id: moveId, name: `web-${moveId}` },
    ] as const,
  }));
  const engine = {
    list: async () => [],
    thaw: async (id: string) => void log.push(`thaw ${id}`),
  };
  const sides = { side: async () => ({ engine, host: {} }) as unknown as Side, name: () => "board" };
  const titles: string[] = [];
  const onUndone = (_object: unknown, title: string) => void titles.push(title);
  const { thawed } = await undoAll(moves, { sides, targetStarted: true, onUndone });
  assert.deepEqual([thawed, log], [true, ["thaw 2", "thaw 1"]]);
  assert.deepEqual(titles.slice(0, 2), ["removed the container web-2 on board", "removed the container web-1 on board"]);

  const broken = { ...engine, list: () => Promise.reject(new Error("it is away")) };
  const away = { ...sides, side: async () => ({ engine: broken, host: {} }) as unknown as Side };
  assert.equal((await undoAll(moves, { sides: away, targetStarted: true })).thawed, false);
  assert.equal(log.length, 2);
});
