import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A unix socket's path has 108 bytes on Linux and 104 on macOS, of which ssh needs 17 for the name it binds before it renames it.
const longestPrefix = 60;

/** Makes a directory of mode 0700 with a path short enough for unix sockets in it. */
export async function makePrivateDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const parent = tmpdir().length > longestPrefix ? "/tmp" : tmpdir();
  const path = await mkdtemp(join(parent, "migrate-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
