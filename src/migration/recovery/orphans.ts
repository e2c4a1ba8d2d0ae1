import { setTimeout } from "node:timers/promises";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

const lookMs = 100;

/**
 * Waits until no process works in a move's folder any more: a CRIU that dumps goes on when the tool is killed. It must not be
 * killed itself, since it has code of its own in the processes that it dumps (criu.org, Parasite code).
 * @throws MigrationError `already-migrating` when one is still there after `patienceMs`
 */
export async function waitForOrphans(host: Host, folder: string, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const pids = await processesNaming(host, folder);
    if (pids.length === 0) return;
    if (performance.now() > deadline) {
      throw new MigrationError("already-migrating", `processes of the interrupted move still work: ${pids.join(", ")}`, {
        host: host.name,
        remedy: "Wait until they have ended, then run `migrate-container recover` again. Don't kill CRIU while it dumps.",
        details: { pids },
      });
    }
    await setTimeout(lookMs);
  }
}

// The folder comes on standard input, so that no command line of this look has it when the processes are listed.
const namingScript = `
set +e
IFS= read -r folder
for process in /proc/[0-9]*; do
  tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -qF -- "$folder" && echo "\${process#/proc/}"
done
exit 0
`;

/** Processes of a machine whose command line names the folder. */
export async function processesNaming(host: Host, folder: string): Promise<number[]> {
  const found = await host.script(namingScript, [], { input: `${folder}\n` });
  return found
    .split("\n")
    .filter((line) => line !== "")
    .map(Number)
    .filter((pid) => pid !== process.pid);
}
