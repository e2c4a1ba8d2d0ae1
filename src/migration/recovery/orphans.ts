import { readdir, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { MigrationError } from "../../errors.ts";

const lookMs = 100;

/**
 * Waits until no process works in a move's folder any more: a CRIU that dumps goes on when the tool is killed. It must not be
 * killed itself, since it has code of its own in the processes that it dumps (criu.org, Parasite code).
 * @throws MigrationError `already-migrating` when one is still there after `patienceMs`
 */
export async function waitForOrphans(workDirectory: string, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const pids = await processesNaming(workDirectory);
    if (pids.length === 0) return;
    if (performance.now() > deadline) {
      throw new MigrationError("already-migrating", `processes of the interrupted move still work: ${pids.join(", ")}`, {
        host: "local",
        remedy: "Wait until they have ended, then run `migrate-container recover` again. Don't kill CRIU while it dumps.",
        details: { pids },
      });
    }
    await setTimeout(lookMs);
  }
}

/** Processes of this machine whose command line names the folder. */
export async function processesNaming(directory: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    pids.map(async (pid) => ({ pid, line: await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") })),
  );
  return lines.filter(({ line }) => line.includes(directory)).map(({ pid }) => Number(pid));
}
