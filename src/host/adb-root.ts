import { adb } from "./adb-client.ts";
import { quoteCommand, quoteWord } from "./quote.ts";

/** How a command gets root's rights on a device. */
export type RootWay = "plain" | "su -c" | "su 0" | "none";

/** The command in a form for the device's shell, in a subshell's last place. */
export function asRoot(way: RootWay, command: readonly string[]): string {
  // Magisk's and other su programs take one shell command; AOSP's takes words and knows no -c (system/extras/su/su.cpp).
  if (way === "su -c") return `exec su -c ${quoteWord(`exec ${quoteCommand(command)}`)}`;
  return `exec ${quoteCommand(way === "su 0" ? ["su", "0", ...command] : command)}`;
}

/** Runs a command line on the device. @returns its standard output; empty when it failed or took too long */
export type Ask = (line: string, timeoutMs: number) => Promise<string>;

/** A su program may ask on the device's screen first, and Magisk's waits 10 s for the answer. */
const suTimeoutMs = 30_000;
const restartTimeoutMs = 60_000;

/**
 * Finds the way to root that works. `adb root` comes last, since it restarts adbd, which ends every other session of the device; and
 * only where the build allows it (ro.debuggable).
 * @param reconnect brings the connection back after adbd's restart
 */
export async function findRootWay(ask: Ask, serial: string, reconnect: () => Promise<void>): Promise<RootWay> {
  const isRoot = async (way: RootWay) => {
    const line = `(${asRoot(way, ["id", "-u"])}) </dev/null 2>/dev/null`;
    return (await ask(line, suTimeoutMs)).trim() === "0";
  };
  for (const way of ["plain", "su -c", "su 0"] as const) if (await isRoot(way)) return way;
  if ((await ask("getprop ro.debuggable 2>/dev/null", suTimeoutMs)).trim() !== "1") return "none";
  const { words } = await adb(["-s", serial, "root"], { timeoutMs: restartTimeoutMs });
  if (!/restarting adbd as root/.test(words)) return "none";
  await reconnect();
  return (await isRoot("plain")) ? "plain" : "none";
}
