import assert from "node:assert/strict";
import { appendFile, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import test from "node:test";
import { journalFile } from "../state-paths.ts";
import { useStateFolder } from "../testing/state-folder.ts";
import type { JournalEntry } from "./entry.ts";
import { Journal } from "./journal.ts";

test("journal: each entry is a line, written when `write` returns", async () => {
  await using _ = await useStateFolder();
  await using journal = await Journal.create("one");
  const entries: JournalEntry[] = [
    {
      ...{ kind: "begin", operation: "migrate", container: "web\nlogs", containerId: "1", startedAt: "2026-11-01T00:00:00Z" },
      ...{ target: "ssh://board", strategy: "resume", name: "web", leaveSource: "stopped", workDirectory: "/w", tool: "0.1.0" },
    },
    { kind: "object", object: { object: "folder", path: "/a b" } },
    { kind: "committed" },
  ];
  for (const [index, entry] of entries.entries()) {
    await journal.write(entry);
    const lines = (await readFile(journalFile("one"), "utf8")).split("\n");
    assert.equal(lines.pop(), "");
    assert.equal(lines.length, index + 1);
    const { time, ...rest } = JSON.parse(lines[index]!) as { time: string };
    assert.deepEqual(rest, entry);
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  }
  assert.equal((await stat(journalFile("one"))).mode & 0o777, 0o600);
  assert.equal((await stat(dirname(journalFile("one")))).mode & 0o777, 0o700);
});

test("journal: a move's journal is never written over", async () => {
  await using _ = await useStateFolder();
  await using journal = await Journal.create("one");
  await journal.write({ kind: "committed" });
  await assert.rejects(Journal.create("one"), { code: "EEXIST" });
  assert.match(await readFile(journalFile("one"), "utf8"), /committed/);
});

test("journal: an interrupted one goes on after its last whole line", async () => {
  await using _ = await useStateFolder();
  {
    await using journal = await Journal.create("one");
    await journal.write({ kind: "step", step: "freeze" });
  }
  await appendFile(journalFile("one"), '{"kind":"committed","ti');
  await using journal = await Journal.resume("one");
  await journal.write({ kind: "step", step: "dump" });
  const kinds = (await readFile(journalFile("one"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { step: string }).step);
  assert.deepEqual(kinds, ["freeze", "dump"]);
});

test("journal: who listens is told of an entry when it is on the disk", async () => {
  await using _ = await useStateFolder();
  const seen: string[] = [];
  await using journal = await Journal.create("one", async ({ kind }) => {
    seen.push(kind);
    assert.match(await readFile(journalFile("one"), "utf8"), new RegExp(`"${kind}"`));
  });
  await journal.write({ kind: "committed" });
  assert.deepEqual(seen, ["committed"]);
});
