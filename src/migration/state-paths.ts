import { homedir } from "node:os";
import { join } from "node:path";

/** The tool's folder for what must outlive a run (XDG Base Directory Specification): journal, work. */
export function stateDirectory(): string {
  return join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "migrate-container");
}

export function journalFile(id: string): string {
  return join(stateDirectory(), "journal", `${id}.jsonl`);
}

/** Where a move keeps its dump and package until they are sent. It holds process memory: mode 0700. */
export function workDirectory(id: string): string {
  return join(stateDirectory(), "work", id);
}
