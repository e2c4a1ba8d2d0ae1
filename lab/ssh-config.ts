import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runFolder } from "./paths.ts";

/** How OpenSSH reaches one machine. */
export interface SshAccess {
  /** The alias: `ssh -F <file> <alias>`. */
  readonly alias: string;
  readonly address: string;
  readonly port: number;
  /** The user's private key. */
  readonly identityFile: string;
  /** Holds the machine's host key under the name of the alias. */
  readonly knownHostsFile: string;
}

/** The one OpenSSH configuration file that knows every lab machine that has been started. */
export const sshConfigFile = join(runFolder, "ssh-config");

/** One `Host` block, which trusts exactly the machine's own host key. */
export function sshConfigText({ alias, address, port, identityFile, knownHostsFile }: SshAccess): string {
  return [
    `Host ${alias}`,
    `  HostName ${address}`,
    `  Port ${port}`,
    "  User root",
    `  IdentityFile "${identityFile}"`,
    "  IdentitiesOnly yes",
    `  HostKeyAlias ${alias}`,
    `  UserKnownHostsFile "${knownHostsFile}"`,
    "  StrictHostKeyChecking yes",
    "",
  ].join("\n");
}

/** Writes the machine's block into its run folder, and the file that includes all of them. */
export async function writeSshConfig(access: SshAccess): Promise<void> {
  const folder = join(runFolder, access.alias);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "ssh-config"), sshConfigText(access));
  await writeFile(sshConfigFile, `Include "${join(runFolder, "*", "ssh-config")}"\n`);
}
