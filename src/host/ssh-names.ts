import { glob as findFiles, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import SSHConfig, { type Line } from "ssh-config";

/** The machines that an OpenSSH configuration has an entry for. */
export interface SshNames {
  /** Those that are written out, in the order of the files. */
  readonly names: readonly string[];
  /** Whether an entry is for this name; one for all machines (`Host *`) doesn't count. */
  defines(name: string): boolean;
}

/**
 * Reads what `ssh` would read. What can't be read is as if it were not there: ssh itself will tell of it.
 * @param configFile instead of the user's and the system's. Default: $MIGRATE_CONTAINER_SSH_CONFIG
 */
export async function readSshNames(configFile = process.env.MIGRATE_CONTAINER_SSH_CONFIG): Promise<SshNames> {
  // Not $HOME: ssh goes by the account's record.
  const user = join(userInfo().homedir, ".ssh");
  const entries = configFile
    ? await entriesOf(configFile, user)
    : [...(await entriesOf(join(user, "config"), user)), ...(await entriesOf("/etc/ssh/ssh_config", "/etc/ssh"))];
  const names = entries.flat().filter((pattern) => !/[*?!]/.test(pattern));
  return {
    names: [...new Set(names)],
    defines: (name) => entries.some((patterns) => matches(patterns, name)),
  };
}

/** ssh_config(5), PATTERNS: a negated one that matches rules the whole line out. */
function matches(patterns: readonly string[], name: string): boolean {
  const excluded = patterns.some((pattern) => pattern.startsWith("!") && asExpression(pattern.slice(1)).test(name));
  return !excluded && patterns.some((pattern) => !/^[*?]*$/.test(pattern) && asExpression(pattern).test(name));
}

function asExpression(pattern: string): RegExp {
  const wildcards: Readonly<Record<string, string>> = { "*": ".*", "?": "." };
  return new RegExp(`^${pattern.replaceAll(/[^\w]/g, (sign) => wildcards[sign] ?? `\\${sign}`)}$`);
}

// As OpenSSH: READCONF_MAX_DEPTH.
const deepest = 16;

/** The patterns of each `Host` line, those of included files in their place. @param folder that relative includes are in */
async function entriesOf(file: string, folder: string, depth = 0): Promise<string[][]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return depth > deepest ? [] : await entriesIn(parsed(text), folder, depth);
}

function parsed(text: string): Line[] {
  try {
    return SSHConfig.parse(text);
  } catch {
    return [];
  }
}

async function entriesIn(lines: readonly Line[], folder: string, depth: number): Promise<string[][]> {
  const entries: string[][] = [];
  for (const line of lines) {
    if (line.type !== SSHConfig.DIRECTIVE) continue;
    const param = line.param.toLowerCase();
    if (param === "host") entries.push(valuesOf(line.value));
    if (param === "include") entries.push(...(await included(valuesOf(line.value), folder, depth)));
    if ("config" in line) entries.push(...(await entriesIn(line.config, folder, depth)));
  }
  return entries;
}

async function included(patterns: readonly string[], folder: string, depth: number): Promise<string[][]> {
  const entries: string[][] = [];
  for (const pattern of patterns) {
    const path = pattern.replace(/^~(?=\/)/, userInfo().homedir);
    const files: string[] = [];
    for await (const file of findFiles(isAbsolute(path) ? path : join(folder, path))) files.push(file);
    for (const file of files.sort()) entries.push(...(await entriesOf(file, folder, depth + 1)));
  }
  return entries;
}

function valuesOf(value: string | readonly { readonly val: string }[]): string[] {
  return typeof value === "string" ? [value] : value.map(({ val }) => val);
}
