import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { stateDirectory } from "../state-paths.ts";

/** The folder with a unix socket for each running move. Its mode, 0700, is what keeps other users out. */
function controlDirectory(): string {
  return join(stateDirectory(), "run");
}

/**
 * Hands over the path of a move's socket. A unix socket's path has 108 bytes at most (unix(7)), and the state folder may lie deep:
 * so it is named through a descriptor of its folder.
 */
export async function withControlPath<Result>(id: string, use: (path: string) => Promise<Result>): Promise<Result> {
  await mkdir(controlDirectory(), { recursive: true, mode: 0o700 });
  const directory = openSync(controlDirectory(), "r");
  try {
    return await use(`/proc/self/fd/${directory}/${id}.sock`);
  } finally {
    closeSync(directory);
  }
}

/** The ids of the moves that have a socket: those that run, and those that were ended by force. */
export async function controlIds(): Promise<string[]> {
  const names = await readdir(controlDirectory()).catch(() => []);
  return names.filter((name) => name.endsWith(".sock")).map((name) => basename(name, ".sock"));
}

export async function removeControl(id: string): Promise<void> {
  await rm(join(controlDirectory(), `${id}.sock`), { force: true });
}
