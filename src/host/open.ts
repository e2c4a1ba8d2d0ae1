import { openAdbHost } from "./adb.ts";
import type { Host } from "./host.ts";
import { openLocalHost } from "./local.ts";
import { resolveTarget } from "./resolve-target.ts";
import { openSshHost, type SshOptions } from "./ssh.ts";
import { parseTarget } from "./target.ts";

/**
 * Reaches the machine that the user named: `local`, `ssh://[user@]host[:port]`, a name from the SSH configuration, `context:NAME` for a Docker context, `adb:SERIAL`.
 * @throws MigrationError `usage` for another form, `target-unreachable`
 */
export async function openHost(target: string, options: SshOptions = {}): Promise<Host> {
  const resolved = await resolveTarget(target, options);
  const parsed = parseTarget(resolved);
  if (parsed.kind === "local") return openLocalHost();
  return parsed.kind === "adb" ? openAdbHost(parsed, options) : openSshHost(resolved, options);
}
