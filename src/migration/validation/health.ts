import { setTimeout } from "node:timers/promises";
import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import type { ExecResult } from "../../engine/docker/exec.ts";

const pauseMs = 1000;
/** As often as Docker tries before it calls a container unhealthy (docker run --health-retries). */
const attempts = 3;

/**
 * The health command that the container brings itself (HEALTHCHECK of its image, or `docker run --health-cmd`), as words to run.
 * @returns undefined when it has none, or when it failed before the move too
 */
export function ownHealthCommand({ Config, State }: ContainerRecord): readonly string[] | undefined {
  if (State.Health?.Status === "unhealthy") return;
  const [kind, ...words] = Config.Healthcheck?.Test ?? [];
  if (kind === "CMD") return words;
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : undefined;
}

/**
 * Runs a health command until it passes.
 * @param patienceMs how long it may fail. Docker's number of attempts is made in any case
 */
export async function runHealthCommand(
  engine: DockerEngine,
  id: string,
  command: readonly string[],
  patienceMs: number,
  signal?: AbortSignal,
): Promise<ExecResult> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    const result = await engine.exec(id, command, signal);
    if (result.exitCode === 0 || (attempt >= attempts && performance.now() > deadline)) return result;
    await setTimeout(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}
