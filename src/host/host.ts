import type { Socket } from "node:net";
import type { Readable } from "node:stream";

/** What a command left behind. Both streams are decoded as UTF-8, at most 100 MB each. */
export interface CommandResult {
  /** 128 + n for a program that signal n ended locally; over ADB the same; over SSH 255, which OpenSSH makes of any signal. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Standard input: text, bytes or a stream (with backpressure). Default: empty. */
  readonly input?: string | Uint8Array | Readable;
  /** Ends the command and its children (SIGTERM, then SIGKILL after 5 s); the call then rejects with code `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Extra environment variables. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the command is ended and the call rejects with `command-failed`. Default: no limit. */
  readonly timeoutMs?: number;
}

/** What keeps commands from running as root. */
export interface WithoutRoot {
  /** In the words of what was asked: `sudo: a password is required`. */
  readonly why: string;
  readonly remedy: string;
}

/**
 * A machine that is reached locally, over SSH or over ADB. Every call names the
 * machine in its errors.
 */
export interface Host extends AsyncDisposable {
  /** As the user named it: `local`, `ssh://root@board:22`. */
  readonly name: string;

  /** Undefined where commands run as root, and where nothing was asked. */
  readonly withoutRoot: WithoutRoot | undefined;

  /**
   * Runs a program with exact arguments (no shell interprets them) and returns its
   * exit code, whatever it is.
   * @throws MigrationError `target-unreachable` when the machine can't be reached, `command-not-found`, `cancelled`
   */
  run(command: readonly string[], options?: RunOptions): Promise<CommandResult>;

  /**
   * As `run`, but a non-zero exit status is an error that quotes standard error.
   * @returns standard output
   * @throws MigrationError `command-failed`, and those of `run`
   */
  must(command: readonly string[], options?: RunOptions): Promise<string>;

  /**
   * Runs a POSIX shell script (`sh -eu`) with positional parameters $1, $2, …
   * @returns standard output
   * @throws MigrationError as `must`
   */
  script(text: string, parameters?: readonly string[], options?: RunOptions): Promise<string>;

  /**
   * Starts a program and gives its standard output as it comes, with backpressure. The
   * stream fails with what `must` throws when the program fails; destroying it ends the program.
   */
  stream(command: readonly string[], options?: RunOptions): Readable;

  /**
   * The path of a unix socket on *this* machine that reaches the unix socket `path`
   * of the host. Locally that is `path` itself. Over ADB closing one half of a connection closes both.
   * @throws MigrationError `target-unreachable`
   */
  unixSocket(path: string): Promise<string>;

  /**
   * Connects to a TCP port that the host reaches at `address`.
   * @throws MigrationError `target-unreachable`; what the connection itself throws
   */
  connectTcp(address: string, port: number): Promise<Socket>;

  /**
   * Connects anew after the link broke. What `unixSocket` has given stays valid. Commands that were under way have failed; they may go on there.
   * @throws MigrationError `target-unreachable`, `cancelled`
   */
  reconnect(signal?: AbortSignal): Promise<void>;

  /** Ends the connection and removes what it made. */
  close(): Promise<void>;
}
