import { MigrationError } from "../errors.ts";

/** Where a machine is, taken from what the user typed. */
export type Target =
  | { readonly kind: "local" }
  | { readonly kind: "ssh"; readonly host: string; readonly user: string | undefined; readonly port: number | undefined }
  /** Without a serial: the one of ANDROID_SERIAL, or the only device. */
  | { readonly kind: "adb"; readonly serial: string | undefined };

/** How a target is written, for messages. */
export const targetForms =
  "`local`, `ssh://[user@]host[:port]` (an IPv6 address in brackets), a name from your SSH configuration, `context:NAME` for a Docker context, or `adb:SERIAL` (`adb:host:port`; `adb:` is the only device)";

/**
 * Not `URL`: it lower-cases names and refuses some which the SSH configuration may define (`my_board`).
 * @throws MigrationError `usage`
 */
export function parseTarget(text: string): Target {
  if (text === "local") return { kind: "local" };
  // As `adb devices` lists them; a leading dash would be read as an option by adb.
  const device = /^adb:(?!-)([\w.:%[\]()-]*)$/.exec(text)?.[1];
  if (device !== undefined) return { kind: "adb", serial: device === "" ? undefined : device };
  const match = /^ssh:\/\/(?:([^@/]+)@)?(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^@:/[\]\s]+))(?::(\d{1,5}))?\/?$/.exec(text);
  const host = match?.[2] ?? match?.[3];
  const user = match?.[1];
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  // A leading dash would be read as an option by ssh.
  if (host === undefined || host.startsWith("-") || user?.startsWith("-") || port === 0 || (port ?? 1) > 65535) {
    throw new MigrationError("usage", `\`${text}\` names no machine`, { remedy: `Write ${targetForms}.` });
  }
  return { kind: "ssh", host, user, port };
}
