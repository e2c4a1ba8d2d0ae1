import { execa } from "execa";
import { MigrationError } from "../errors.ts";

/** What `adb` said. It speaks on either stream, and ends with status 0 where it failed, too: `words` are to be read. */
export interface AdbAnswer {
  readonly failed: boolean;
  readonly timedOut: boolean;
  readonly stdout: string;
  /** Both streams, without what it tells of the server that it starts. */
  readonly words: string;
}

export interface AdbOptions {
  /** Milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the platform's `adb`, which starts its server when none answers. ADB_SERVER_SOCKET and ANDROID_ADB_SERVER_PORT say where that is.
 * @throws MigrationError `command-not-found` when this machine has no `adb`, `cancelled`
 */
export async function adb(parameters: readonly string[], { timeoutMs = 60_000, signal }: AdbOptions = {}): Promise<AdbAnswer> {
  const result = await execa("adb", parameters, {
    reject: false,
    stdin: "ignore",
    // Ctrl-C must not end the server that is started on the way.
    detached: true,
    cleanup: false,
    timeout: timeoutMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (result.isCanceled) throw new MigrationError("cancelled", "reaching the device was cancelled");
  if (result.code === "ENOENT") {
    throw new MigrationError("command-not-found", "the program `adb` is not installed on this machine", {
      host: "local",
      remedy: "Install Android's platform tools (Debian: `apt install adb`), and have `adb` in PATH.",
    });
  }
  const words = `${result.stdout}\n${result.stderr}`.replaceAll(/^\* daemon .*$/gm, "").trim();
  return { failed: result.failed, timedOut: result.timedOut, stdout: result.stdout, words };
}
