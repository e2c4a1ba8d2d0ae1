import { rm } from "node:fs/promises";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import type { Move } from "../move.ts";

/** The journal says that the target's copy is the container: now the source's is ended. */
export async function endSource(move: Move): Promise<string> {
  const { container, source, options } = move;
  await source.engine.stopForGood(container.Id);
  if (options.leaveSource === "stopped") return "the source's container is stopped and will not be restarted by Docker";
  if (!container.HostConfig.AutoRemove) await source.engine.remove(container.Id, true);
  return "the source's container is removed";
}

/** Removes the dump here and the pages on the target. The link that stands for the executable stays as long as the process. */
export async function clean(move: Move): Promise<string> {
  await rm(move.workDirectory, { recursive: true, force: true });
  await move.target.host.script('cd "$1/$2" 2>/dev/null || exit 0; rm -f pages-*.img manifest.json clocks config.sed', [
    targetPaths.resumed,
    move.targetContainerId!,
  ]);
  return "the dump is removed from both machines";
}
