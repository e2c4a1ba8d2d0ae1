import { MigrationError } from "../errors.ts";
import { shownCommand } from "./command-errors.ts";
import type { CommandResult, Host, WithoutRoot } from "./host.ts";
import { quoteCommand } from "./quote.ts";

/** What commands run as. `user` is the login user, as sudoers(5) names it. */
export type SshRights =
  | { readonly way: "plain"; readonly withoutRoot?: WithoutRoot }
  | { readonly way: "sudo"; readonly user: string };

/** The command as root runs it; nobody is asked for a password. */
function sudo(command: readonly string[]): readonly string[] {
  return ["sudo", "-n", ...command];
}

/**
 * The command by sudo. It says on standard error when it begins: what comes before are sudo's own words, and without it sudo has refused.
 * @param begin a line that the command doesn't write
 */
export function bySudo(command: readonly string[], begin: string): readonly string[] {
  // Some configurations keep the login user's HOME; sudo-rs has no option -H.
  return sudo(["sh", "-c", 'HOME=~root; export HOME; echo "$0" >&2; exec "$@"', begin, ...command]);
}

const notInstalled = "sudo is not installed there";

// sudo's words are read, so they must not be translated.
const probe = `
export LC_ALL=C
uid=$(id -u)
if [ "$uid" = 0 ]; then echo "rights 0"; exit; fi
root=missing
if command -v sudo >/dev/null; then root=$(${quoteCommand(sudo(["sh", "-c", "id -u"]))}) || root=refused; fi
echo "rights $uid $root $(id -un)"`;

/**
 * Finds out whether the login user is root, or may use sudo without a password.
 * @param login the machine, with commands that run as the login user
 * @throws MigrationError `target-unreachable`, `cancelled`
 */
export async function findSshRights(login: Host, signal: AbortSignal | undefined): Promise<SshRights> {
  const { stdout, stderr } = await login.run(["sh", "-c", probe], { signal, timeoutMs: probeTimeoutMs });
  // The account's start-up files may print something before.
  const [, uid, root, name = ""] = /^rights (\d+) ?(\w*) ?(.*)$/m.exec(stdout) ?? [];
  if (uid === undefined || uid === "0") return { way: "plain" };
  // sudoers(5) has characters that names of a domain's users may hold, but takes numbers for all.
  const user = /^[a-z_][\w-]*$/i.test(name) ? name : `#${uid}`;
  if (root === "0") return { way: "sudo", user };
  const words = root === "missing" ? notInstalled : sudosWords(stderr);
  return { way: "plain", withoutRoot: { why: words, remedy: remedyFor(user, words) } };
}

/** Milliseconds: sudo looks up names, which takes long where name servers don't answer. */
const probeTimeoutMs = 60_000;

/** sudo didn't run a command, although it did when the machine was reached. */
export function sudoRefused(host: string, command: readonly string[], user: string, { stderr }: CommandResult): MigrationError {
  const words = sudosWords(stderr);
  return new MigrationError("command-failed", `${shownCommand(command)} could not be run as root: ${words}`, {
    host,
    remedy: remedyFor(user, words),
    details: { command, stderr },
  });
}

/** Its last line: others are warnings. */
function sudosWords(stderr: string): string {
  return stderr.trim().split("\n").at(-1) || "sudo refused without a word";
}

function remedyFor(user: string, words: string): string {
  const file = "/etc/sudoers.d/migrate-container";
  const install = words === notInstalled ? "install sudo, and " : "";
  const lines = [
    `${user} ALL=(ALL:ALL) NOPASSWD: ALL`,
    ...(/must have a tty/.test(words) ? [`Defaults:${user} !requiretty`] : []),
  ];
  const written = lines.map((line) => `\`${line}\``).join(" and ");
  return `Connect as root (\`ssh://root@…\`), or ${install}put ${written} into ${file} there, as root: \`visudo -f ${file}\`.`;
}
