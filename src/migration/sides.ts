import type { EngineName } from "../engine/engine-name.ts";
import { findEngine, findTargetEngine, openEngine, parseContainer } from "../engine/find-engine.ts";
import { openHost } from "../host/open.ts";
import type { Side } from "./move.ts";

export interface OpenSideOptions {
  /** An OpenSSH configuration file to use instead of the user's. */
  readonly sshConfig?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reaches a machine and its engine; both are closed with the stack.
 * @param name as the user names a machine: `local`, `ssh://…`, `adb:…`
 * @param engine default: Docker
 * @throws MigrationError `usage`, `target-unreachable`, `engine-unavailable`
 */
export async function openSide(
  name: string,
  stack: AsyncDisposableStack,
  { sshConfig, signal }: OpenSideOptions,
  engine: EngineName = "docker",
): Promise<Side> {
  const host = stack.use(await openHost(name, { configFile: sshConfig, signal }));
  return { host, engine: await openEngine(host, engine, stack) };
}

/**
 * Reaches the machine that gets a container, and its engine; both are closed with the stack.
 * @param engine default: as `findTargetEngine` finds it for what has the container on the source
 * @throws MigrationError `usage`, `target-unreachable`, `engine-unavailable`
 */
export async function openTarget(
  name: string,
  stack: AsyncDisposableStack,
  { sshConfig, signal }: OpenSideOptions,
  engine: EngineName | undefined,
  source?: EngineName,
): Promise<Side> {
  const host = stack.use(await openHost(name, { configFile: sshConfig, signal }));
  return { host, engine: await findTargetEngine(host, engine, stack, source) };
}

/** A machine with the engine that has a container. */
export interface SourceSide extends Side {
  /** The container's name or id, without its engine's. */
  readonly container: string;
}

/**
 * Reaches a machine and the engine there that has a container; both are closed with the stack.
 * @param name as the user names a machine. Default: `local`
 * @param text as the user names a container: `web`, `podman:web`
 * @throws MigrationError `usage`, `target-unreachable`, `engine-unavailable`, `container-not-found`
 */
export async function openSource(
  name: string | undefined,
  text: string,
  stack: AsyncDisposableStack,
  { sshConfig, signal }: OpenSideOptions,
): Promise<SourceSide> {
  const named = parseContainer(text);
  const host = stack.use(await openHost(name ?? "local", { configFile: sshConfig, signal }));
  return { host, engine: await findEngine(host, named, stack), container: named.name };
}
