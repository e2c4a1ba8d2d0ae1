import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import test from "node:test";
import { Journal, type JournalEntry } from "./journal.ts";
import { journalFile } from "./state-paths.ts";
import { useStateFolder } from "./testing/state-folder.ts";

test("journal: each entry is a line, written when `write` returns", async () => {
  await using _ = await useStateFolder();
  await using journal = await Journal.create("one");
  const entries: JournalEntry[] = [
    { kind: "begin", container: "web\nlogs", containerId: "1", target: "ssh://board", tool: "0.1.0" },
    { kind: "object", object: "folder", host: "ssh://board", name: "/a b" },
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
