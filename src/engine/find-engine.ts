import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { containerNotFound } from "./docker/docker-errors.ts";
import { DockerEngine } from "./docker/engine.ts";
import type { EngineName } from "./engine-name.ts";
import { PodmanEngine } from "./podman/engine.ts";

export interface NamedContainer {
  /** Undefined: it is to be found. */
  readonly engine: EngineName | undefined;
  /** Name or id. */
  readonly name: string;
}

/**
 * Reads a container as people name it: `web`, `docker:web`, `podman:web`.
 * @throws MigrationError `usage` for what is neither
 */
export function parseContainer(text: string): NamedContainer {
  const [, prefix, name = ""] = /^(?:([a-z]+):)?(.*)$/s.exec(text) ?? [];
  if (prefix === undefined) return { engine: undefined, name: text };
  if ((prefix === "docker" || prefix === "podman") && name !== "") return { engine: prefix, name };
  const isBundle = prefix === "runc" || prefix === "crun";
  throw new MigrationError("usage", `\`${text}\` names no container of Docker's or Podman's`, {
    remedy: isBundle
      ? `A plain OCI bundle is not moved by itself: dump it with \`${prefix} checkpoint --leave-running\`, and make a program of the dump with \`migrate-container compile\`.`
      : "Write `docker:NAME` or `podman:NAME`.",
  });
}

/** Opens an engine of a machine. What it needs ends with the stack. @throws MigrationError `engine-unavailable`, `target-unreachable` */
export function openEngine(host: Host, name: EngineName, stack: AsyncDisposableStack): Promise<DockerEngine> {
  return name === "podman" ? PodmanEngine.serve(host, stack) : DockerEngine.open(host);
}

/**
 * Opens the engine that has the container: the one that is named, else Docker or Podman, whichever has it.
 * @throws MigrationError `usage` when both have one of that name, `container-not-found`, `engine-unavailable`
 */
export async function findEngine(
  host: Host,
  { engine: named, name }: NamedContainer,
  stack: AsyncDisposableStack,
): Promise<DockerEngine> {
  if (named !== undefined) return await openEngine(host, named, stack);
  let unavailable: unknown;
  const docker = await DockerEngine.open(host).catch((error: unknown) => {
    if (!(error instanceof MigrationError) || error.code !== "engine-unavailable") throw error;
    unavailable = error;
    return undefined;
  });
  const isDockers = (await docker?.find(name)) !== undefined;
  if (!(await hasPodmanContainer(host, name))) {
    if (docker === undefined) throw unavailable;
    if (!isDockers) throw containerNotFound(host.name, name, "docker");
    return docker;
  }
  if (docker === undefined || !isDockers) return await openEngine(host, "podman", stack);
  throw new MigrationError("usage", `both Docker and Podman have a container \`${name}\``, {
    host: host.name,
    remedy: `Write \`docker:${name}\` or \`podman:${name}\`.`,
  });
}

/**
 * Opens the engine of a machine that gets a container: the one that is named, else Docker, else Podman where only that is.
 * @throws MigrationError `engine-unavailable`, `target-unreachable`, `incompatible`
 */
export async function findTargetEngine(
  host: Host,
  named: EngineName | undefined,
  stack: AsyncDisposableStack,
): Promise<DockerEngine> {
  if (named !== undefined) return await openEngine(host, named, stack);
  try {
    return await DockerEngine.open(host);
  } catch (error) {
    const isMissing = error instanceof MigrationError && error.code === "engine-unavailable";
    if (!isMissing || !(await hasPodman(host))) throw error;
    return await openEngine(host, "podman", stack);
  }
}

async function hasPodman(host: Host): Promise<boolean> {
  return (await host.run(["sh", "-c", "command -v podman"])).exitCode === 0;
}

async function hasPodmanContainer(host: Host, name: string): Promise<boolean> {
  const script = 'command -v podman >/dev/null && unset CONTAINER_HOST CONTAINER_CONNECTION && podman container exists -- "$1"';
  return (await host.run(["sh", "-c", script, "sh", name])).exitCode === 0;
}
