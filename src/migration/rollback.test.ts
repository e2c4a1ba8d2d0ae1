import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../errors.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { Rollback, type Undo } from "./rollback.ts";

/** A move that made what real ones make, in their order; `failing` can't be undone. */
async function madeMove(failing: readonly string[] = [], journalFails = false) {
  const log: string[] = [];
  const written: JournalEntry[] = [];
  let broken = false;
  const journal = {
    write: async (entry: JournalEntry) => {
      if (broken) throw new Error("the disk is full");
      written.push(entry);
    },
  } as unknown as Journal;
  const rollback = new Rollback(journal);
  const announce = (object: string, host: string, kind: Undo["kind"]): Promise<void> =>
    rollback.willMake({
      ...{ object, host, kind, name: "web", title: `undid ${object}` },
      undo: async () => {
        log.push(object);
        if (failing.includes(object)) throw new Error(`${object} broke`);
      },
    });
  await announce("runtime", "board", "clean");
  await announce("container", "board", "running-copy");
  await announce("freeze", "local", "thaw");
  await announce("folder", "board", "clean");
  broken = journalFails;
  const undone: (string | MigrationError)[] = [];
  const run = (started: boolean) => rollback.run(started, (title, error) => undone.push(error ?? title));
  return { log, written, undone, run };
}

test("rollback: everything is announced in the journal before it is made", async () => {
  const { written } = await madeMove();
  assert.deepEqual(
    written.map((entry) => entry.kind === "object" && entry.object),
    ["runtime", "container", "freeze", "folder"],
  );
});

test("rollback: what the journal can't announce is not to be made", async () => {
  const error = new Error("the disk is full");
  const rollback = new Rollback({ write: () => Promise.reject(error) } as unknown as Journal);
  let undone = false;
  const entry: Undo = {
    object: "folder",
    host: "local",
    name: "x",
    title: "x",
    kind: "clean",
    undo: async () => {
      undone = true;
    },
  };
  await assert.rejects(rollback.willMake(entry), error);
  assert.deepEqual(await rollback.run(false, () => {}), { thawed: true, remains: [] });
  assert.equal(undone, false);
});

test("rollback: before the copy may have run, the source goes on at once; the rest is undone from the last to the first", async () => {
  const { log, undone, written, run } = await madeMove();
  assert.deepEqual(await run(false), { thawed: true, remains: [] });
  assert.deepEqual(log, ["freeze", "folder", "container", "runtime"]);
  assert.deepEqual(
    undone,
    log.map((object) => `undid ${object}`),
  );
  assert.deepEqual(
    written.slice(4).map((entry) => entry.kind === "undone" && entry.object),
    log,
  );
});

test("rollback: once the copy may have run, it must be gone before the source goes on", async () => {
  const { log, run } = await madeMove();
  assert.deepEqual(await run(true), { thawed: true, remains: [] });
  assert.deepEqual(log, ["container", "freeze", "folder", "runtime"]);
});

test("rollback: the source stays frozen when the copy may still run", async () => {
  const { log, undone, run } = await madeMove(["container"]);
  assert.deepEqual(await run(true), {
    thawed: false,
    remains: ["container web on board (container broke)", "web on local stays frozen, since its copy on the target may run"],
  });
  assert.deepEqual(log, ["container", "folder", "runtime"]);
  const [error] = undone;
  assert.ok(error instanceof MigrationError);
  assert.deepEqual([error.code, error.host, error.message], ["rollback-failed", "board", "container broke"]);
});

test("rollback: a copy that never ran does not keep the source frozen", async () => {
  const { log, run } = await madeMove(["container", "folder"]);
  assert.deepEqual(await run(false), {
    thawed: true,
    remains: ["folder web on board (folder broke)", "container web on board (container broke)"],
  });
  assert.deepEqual(log, ["freeze", "folder", "container", "runtime"]);
});

test("rollback: a source that can't be thawed is told, and the rest is undone all the same", async () => {
  const { log, run } = await madeMove(["freeze"]);
  assert.deepEqual(await run(false), { thawed: false, remains: ["freeze web on local (freeze broke)"] });
  assert.deepEqual(log, ["freeze", "folder", "container", "runtime"]);
});

test("rollback: a journal that can't be written does not keep the source frozen", async () => {
  const { log, undone, run } = await madeMove([], true);
  assert.deepEqual(await run(true), { thawed: true, remains: [] });
  assert.deepEqual(log, ["container", "freeze", "folder", "runtime"]);
  assert.equal(undone.filter((title) => typeof title === "string").length, 4);
});
