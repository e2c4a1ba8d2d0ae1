import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { BundleEngine } from "./bundle/engine.ts";
import { containerNotFound } from "./docker/docker-errors.ts";
import { DockerEngine } from "./docker/engine.ts";
import { type BundleRuntime, bundleRuntimes, type EngineName, engineNames, isBundleRuntime } from "./engine-name.ts";
import { PodmanEngine } from "./podman/engine.ts";

export interface NamedContainer {
  /** Undefined: it is to be found. */
  readonly engine: EngineName | undefined;
  /** Name or id. */
  readonly name: string;
}

/**
 * Reads a container as people name it: `web`, `docker:web`, `podman:web`, `runc:web`.
 * @throws MigrationError `usage` for what is neither
 */
export function parseContainer(text: string): NamedContainer {
  const [, prefix, name = ""] = /^(?:([a-z]+):)?(.*)$/s.exec(text) ?? [];
  if (prefix === undefined) return { engine: undefined, name: text };
  const engine = engineNames.find((known) => known === prefix);
  if (engine !== undefined && name !== "") return { engine, name };
  throw new MigrationError("usage", `\`${text}\` names no container of an engine`, {
    remedy: "Write `docker:NAME` or `podman:NAME`, or `runc:ID` or `crun:ID` for a container that was started from a bundle.",
  });
}

/** Opens an engine of a machine. What it needs ends with the stack. @throws MigrationError `engine-unavailable`, `target-unreachable` */
export function openEngine(host: Host, name: EngineName, stack: AsyncDisposableStack): Promise<DockerEngine> {
  if (isBundleRuntime(name)) return BundleEngine.of(host, name);
  return name === "podman" ? PodmanEngine.serve(host, stack) : DockerEngine.open(host);
}

/**
 * Opens the engine that has the container: the one that is named, else Docker or Podman, whichever has it, else a runtime that has it of a bundle.
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
    if (isDockers) return docker!;
    const bundles = await findBundle(host, name);
    if (bundles !== undefined) return bundles;
    if (docker === undefined) throw unavailable;
    throw containerNotFound(host.name, name, "docker");
  }
  if (docker === undefined || !isDockers) return await openEngine(host, "podman", stack);
  throw new MigrationError("usage", `both Docker and Podman have a container \`${name}\``, {
    host: host.name,
    remedy: `Write \`docker:${name}\` or \`podman:${name}\`.`,
  });
}

/** What keeps Podman's containers knows them, too: so it is asked last. */
async function findBundle(host: Host, id: string): Promise<BundleEngine | undefined> {
  for (const runtime of bundleRuntimes) {
    const engine = await bundleEngine(host, runtime);
    const found = await engine?.find(id).catch((error: unknown) => {
      // It may not be asked: then it has none that could be moved.
      if (!(error instanceof MigrationError) || error.code !== "engine-request-failed") throw error;
    });
    if (found !== undefined) return engine;
  }
  return undefined;
}

/** @returns undefined where the runtime is not installed */
async function bundleEngine(host: Host, runtime: BundleRuntime): Promise<BundleEngine | undefined> {
  return BundleEngine.of(host, runtime).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === "engine-unavailable") return undefined;
    throw error;
  });
}

/**
 * Opens what of a machine gets a container: what is named; else for one of a bundle the runtime that it is under, or the other one; for another
 * Docker, or Podman where only that is.
 * @param source what has the container. Default: an engine
 * @throws MigrationError `engine-unavailable`, `target-unreachable`, `incompatible`
 */
export async function findTargetEngine(
  host: Host,
  named: EngineName | undefined,
  stack: AsyncDisposableStack,
  source?: EngineName,
): Promise<DockerEngine> {
  if (named !== undefined) return await openEngine(host, named, stack);
  if (isBundleRuntime(source)) {
    const [same, other] = bundleRuntimes.toSorted((one) => (one === source ? -1 : 1)) as [BundleRuntime, BundleRuntime];
    return (await bundleEngine(host, same)) ?? (await bundleEngine(host, other)) ?? (await BundleEngine.of(host, source));
  }
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
