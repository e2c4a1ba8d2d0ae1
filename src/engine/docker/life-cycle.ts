import { setTimeout as delay } from "node:timers/promises";
import { MigrationError } from "../../errors.ts";
import { engineWords } from "../engine-name.ts";
import { cgroupProcesses } from "./cgroup.ts";
import { statusOf } from "./docker-errors.ts";
import type { DockerEngine } from "./engine.ts";

export async function freeze(engine: DockerEngine, id: string): Promise<void> {
  const { State: state } = await engine.inspect(id);
  if (state.Paused) return;
  if (!state.Running || state.Restarting) {
    throw new MigrationError("container-not-running", `container \`${id}\` does not run (it is ${state.Status})`, {
      host: engine.host.name,
      remedy: `Start it with \`${engine.name} ${engineWords(engine.name).start}\`.`,
    });
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await engine.pause(id);
      return;
    } catch (error) {
      if (attempt === freezeAttempts || !(error instanceof MigrationError) || !/unable to freeze/.test(error.message))
        throw error;
      await delay(100 * attempt);
    }
  }
}

/**
 * With cgroup v1 a freeze may stay half done while the kernel forks or swaps; runc tries a thousand times within a tenth of a second
 * and then thaws again ("unable to freeze", libcontainer/cgroups/fs/freezer.go; seen with 1.1.5 on a busy machine).
 */
const freezeAttempts = 5;

export async function thaw(engine: DockerEngine, id: string): Promise<void> {
  const { State: state } = await engine.inspect(id);
  if (state.Paused) await engine.unpause(id);
}

/**
 * `docker kill` alone is not enough for a paused container: it sends SIGKILL to the first process only and thaws, and until that
 * one's death has ended the others they run on (seen with Docker 20.10 on cgroup v1: kilobytes written by child processes). So
 * every process gets its SIGKILL while the freezer still holds it.
 * @throws MigrationError `engine-request-failed` when the processes can't be killed; the container is then still paused
 */
export async function stopForGood(engine: DockerEngine, id: string): Promise<void> {
  await engine.setRestartPolicy(id, { Name: "no", MaximumRetryCount: 0 });
  const { State: state } = await engine.inspect(id);
  if (state.Paused) await killFrozen(engine, id, state.Pid);
  try {
    await engine.requestOf("kill", id, (container) => container.kill({ signal: "SIGKILL" }));
  } catch (error) {
    // 409: on cgroup v2 the frozen processes are gone already. Not found: made with --rm.
    const gone = error instanceof MigrationError && (error.code === "container-not-found" || statusOf(error.cause) === 409);
    if (!gone) throw error;
  }
  await waitUntilStopped(engine, id);
}

/** @throws MigrationError `engine-request-failed` */
export async function killFrozen(engine: DockerEngine, id: string, pid: number): Promise<void> {
  const processes = await cgroupProcesses(engine.host, pid);
  const { exitCode, stderr } = await engine.host.run(["kill", "-KILL", ...processes.map(String)]);
  // On cgroup v2 the first ones to die take others with them.
  if (exitCode === 0 || !/not permitted/i.test(stderr)) return;
  throw new MigrationError("engine-request-failed", `the processes of container \`${id}\` cannot be ended: ${stderr.trim()}`, {
    host: engine.host.name,
    remedy: `Connect as root. The container is still paused; \`${engine.name} ${engineWords(engine.name).remove} --force\` removes it.`,
  });
}

const stopMs = 30_000;

/** @throws MigrationError `engine-request-failed` when it does not stop */
export async function waitUntilStopped(engine: DockerEngine, id: string): Promise<void> {
  const deadline = performance.now() + stopMs;
  while (performance.now() < deadline) {
    try {
      const { State: state } = await engine.inspect(id);
      if (!state.Running) return;
    } catch (error) {
      if (error instanceof MigrationError && error.code === "container-not-found") return;
      throw error;
    }
    await delay(50);
  }
  throw new MigrationError("engine-request-failed", `container \`${id}\` did not stop within ${stopMs / 1000} s of its SIGKILL`, {
    host: engine.host.name,
    remedy: "Look for processes in uninterruptible sleep (`ps axo pid,stat,wchan,cmd`).",
  });
}
