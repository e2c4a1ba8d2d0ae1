import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A unix socket's path has 108 bytes on Linux and 104 on macOS, of which ssh needs 17 for the name it binds before it renames it.
const longestPrefix = 50;

function parentDirectory(): string {
  return tmpdir().length > longestPrefix ? "/tmp" : tmpdir();
}

/** Where private directories are, and what their names begin with. */
export interface PrivatePlace {
  readonly parent: string;
  readonly prefix: string;
}

/** Its paths are short enough for unix sockets. */
const ofSockets = (): PrivatePlace => ({ parent: parentDirectory(), prefix: "migrate" });

/** Makes a directory of mode 0700. It is named after this process. @param place default: one for unix sockets */
export async function makePrivateDirectory(
  { parent, prefix }: PrivatePlace = ofSockets(),
): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(parent, `${prefix}-${process.pid}-${startOf(process.pid) ?? 0}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Removes the directories of `makePrivateDirectory` whose process was ended by force. */
export async function removeOrphanedDirectories({ parent, prefix }: PrivatePlace = ofSockets()): Promise<void> {
  const ours = new RegExp(`^${prefix}-(\\d+)-(\\d+)-\\w{6}$`);
  for (const name of await readdir(parent).catch(() => [])) {
    const [, pid, start] = ours.exec(name) ?? [];
    if (pid === undefined || String(startOf(Number(pid)) ?? "none") === start) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** When a process was started, in clock ticks since boot (proc(5), /proc/pid/stat, field 22): with the pid it names it for good. */
function startOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined;
  }
}
