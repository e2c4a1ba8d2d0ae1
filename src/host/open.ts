import type { Host } from "./host.ts";
import { openLocalHost } from "./local.ts";
import { openSshHost, type SshOptions } from "./ssh.ts";
import { parseTarget } from "./target.ts";

/**
 * Reaches the machine that the user named: `local` or `ssh://[user@]host[:port]`.
 * @throws MigrationError `usage` for another form, `target-unreachable`
 */
export async function openHost(target: string, options: SshOptions = {}): Promise<Host> {
  return parseTarget(target).kind === "local" ? openLocalHost() : openSshHost(target, options);
}
