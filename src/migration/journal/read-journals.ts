import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { MigrationError } from "../../errors.ts";
import { journalFile } from "../state-paths.ts";
import { type MoveRecord, recordOf, type TimedEntry } from "./move-record.ts";

/**
 * All moves that were begun from this machine by this user, the oldest first.
 * @throws MigrationError `journal-damaged` when a journal can't be understood
 */
export async function readJournals(): Promise<MoveRecord[]> {
  const directory = dirname(journalFile("x"));
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const ids = names.filter((name) => name.endsWith(".jsonl")).map((name) => basename(name, ".jsonl"));
  const records = await Promise.all(ids.toSorted().map(readJournal));
  return records.filter((record) => record !== undefined);
}

/** @returns undefined when there is none of that id, or when it was cut off before it told anything */
export async function readJournal(id: string): Promise<MoveRecord | undefined> {
  const record = await readOwn(id);
  const [first = id] = record?.begin.group ?? [];
  if (record === undefined || first === id) return record;
  return { ...record, committed: (await readOwn(first))?.committed ?? false };
}

/** What one journal tells, without that of its group's first move. */
async function readOwn(id: string): Promise<MoveRecord | undefined> {
  const path = journalFile(id);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  // What follows the last line feed was only partly written.
  const lines = text.split("\n").slice(0, -1);
  return recordOf(
    id,
    lines.map((line, index) => parse(line, path, index + 1)),
  );
}

function parse(line: string, path: string, number: number): TimedEntry {
  try {
    return JSON.parse(line) as TimedEntry;
  } catch (cause) {
    throw new MigrationError("journal-damaged", `line ${number} of the journal ${path} is not JSON`, {
      host: "local",
      remedy: "The disk may have lost data. Look at both machines with `docker ps --all`, then move the file away.",
      cause,
    });
  }
}
