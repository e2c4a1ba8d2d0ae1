import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { progress } from "./command.ts";

/**
 * Runs `work` while no other process of this machine holds the lock file. The lock of
 * a process that has ended counts for nothing.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (let waited = false; !(await take(file)); waited = true) {
    if (!waited) progress(`waiting for another process (see ${file})…`);
    await setTimeout(500);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  // Linked into place, so that the lock never lies there without its holder's name.
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const holder = await readFile(file, "utf8").catch(() => undefined);
    if (holder !== undefined && !isAlive(Number(holder))) await rm(file, { force: true });
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether a process with this id exists. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
