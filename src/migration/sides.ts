import { DockerEngine } from "../engine/docker/engine.ts";
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
 * @throws MigrationError `usage`, `target-unreachable`, `engine-unavailable`
 */
export async function openSide(name: string, stack: AsyncDisposableStack, { sshConfig, signal }: OpenSideOptions): Promise<Side> {
  const host = stack.use(await openHost(name, { configFile: sshConfig, signal }));
  return { host, engine: await DockerEngine.open(host) };
}
