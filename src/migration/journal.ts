import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { journalFile } from "./state-paths.ts";

/** What is written down, before it happens. */
export type JournalEntry =
  | {
      readonly kind: "begin";
      readonly container: string;
      readonly containerId: string;
      readonly target: string;
      readonly tool: string;
    }
  | { readonly kind: "step"; readonly step: string }
  /** An object that is about to be made, or a state that is about to be changed. */
  | { readonly kind: "object"; readonly object: string; readonly host: string; readonly name: string }
  | { readonly kind: "undone"; readonly object: string; readonly host: string; readonly name: string }
  /** From here on the target's copy is the container. */
  | { readonly kind: "committed" }
  | { readonly kind: "end"; readonly status: string };

/** One move's journal: a line of JSON for each entry, on the disk before what it announces is done. */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(id: string): Promise<Journal> {
    const path = journalFile(id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "ax", 0o600);
    const directory = await open(dirname(path), "r");
    await directory.sync();
    await directory.close();
    return new Journal(file);
  }

  async write(entry: JournalEntry): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
    await this.#file.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
