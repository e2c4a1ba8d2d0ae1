import { rm } from "node:fs/promises";
import type { ContainerRecord } from "../engine/docker/engine.ts";
import { releaseRuntimes } from "../engine/resume-runtime/register.ts";
import { targetPaths } from "../engine/resume-runtime/wrapper.ts";
import type { Side } from "./move.ts";

/** Ends the source's container for good. @returns how it stands now, for people */
export async function endSource(
  { engine }: Side,
  container: Pick<ContainerRecord, "Id" | "HostConfig">,
  leave: "stopped" | "removed",
): Promise<string> {
  await engine.stopForGood(container.Id);
  if (leave === "stopped") return `the source's container is stopped and will not be restarted by ${engine.title}`;
  if (!container.HostConfig.AutoRemove) await engine.remove(container.Id, true);
  return "the source's container is removed";
}

/**
 * Stops the source's container when it was started anew while the copy went on, as by its restart policy after a restart of the machine: it
 * is in its state of its last start, and a second one. It is given the time to end by itself.
 * @returns whether it ran
 */
export async function stopRestarted({ engine }: Side, id: string): Promise<boolean> {
  const container = await engine.find(id);
  if (container?.State.Running !== true) return false;
  await engine.setRestartPolicy(id, { Name: "no", MaximumRetryCount: 0 });
  await engine.thaw(id);
  await engine.stop(id);
  return true;
}

export interface CleanUp {
  readonly moveId: string;
  readonly target: Side;
  readonly workDirectory: string;
  readonly targetContainerId: string;
}

/** Removes what a committed move leaves. The link that stands for the executable stays as long as the process. */
export async function cleanUp({ moveId, target, workDirectory, targetContainerId }: CleanUp): Promise<void> {
  await rm(workDirectory, { recursive: true, force: true });
  await target.host.script(
    'rm -rf "$3/$4" "$5/$2"; cd "$1/$2" 2>/dev/null || exit 0; if [ -e resume ]; then rm -f pages-*.img manifest.json clocks config.sed config.json; else rm -rf "$1/$2"; fi',
    [targetPaths.resumed, targetContainerId, targetPaths.incoming, moveId, targetPaths.bundles],
  );
  await releaseRuntimes(target.engine, moveId, { keep: true });
}
