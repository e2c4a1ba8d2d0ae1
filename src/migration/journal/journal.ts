import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { journalFile } from "../state-paths.ts";
import type { JournalEntry } from "./entry.ts";

/** Told of each entry once it is on the disk, before what it announces is done. */
export type EntryListener = (entry: JournalEntry) => Promise<void> | void;

/** One move's journal: a line of JSON for each entry, on the disk before what it announces is done. */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #written: EntryListener | undefined;

  private constructor(file: FileHandle, written: EntryListener | undefined) {
    this.#file = file;
    this.#written = written;
  }

  /** Begins the journal of a new move. */
  static async create(id: string, written?: EntryListener): Promise<Journal> {
    const path = journalFile(id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "ax", 0o600);
    const directory = await open(dirname(path), "r");
    await directory.sync();
    await directory.close();
    return new Journal(file, written);
  }

  /**
   * Goes on with the journal of a move that was interrupted. A line that was only partly written when the machine went down
   * announced nothing that was done: it is cut off.
   */
  static async resume(id: string): Promise<Journal> {
    const file = await open(journalFile(id), constants.O_RDWR | constants.O_APPEND);
    const text = await file.readFile("utf8");
    await file.truncate(Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1)));
    return new Journal(file, undefined);
  }

  async write(entry: JournalEntry): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
    await this.#file.datasync();
    await this.#written?.(entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
