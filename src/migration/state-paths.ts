import { homedir } from "node:os";
import { join } from "node:path";
import type { PrivatePlace } from "../host/private-directory.ts";

/** The tool's folder for what must outlive a run (XDG Base Directory Specification): journal, work. */
export function stateDirectory(): string {
  return join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "migrate-container");
}

export function journalFile(id: string): string {
  return join(stateDirectory(), "journal", `${id}.jsonl`);
}

/** Where moves keep their dumps and packages until they are sent, unless the configuration names another folder. They hold process memory: mode 0700. */
export function defaultWorkDirectory(): string {
  return join(stateDirectory(), "work");
}

/** Where archives are unpacked. */
export function archiveFolders(): PrivatePlace {
  return { parent: defaultWorkDirectory(), prefix: "archive" };
}
