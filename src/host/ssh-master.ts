import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { MigrationError } from "../errors.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import { unreachable } from "./ssh-errors.ts";
import type { Target } from "./target.ts";

export interface SshOptions {
  /** An ssh_config file to use instead of the user's and the system's. Default: $MIGRATE_CONTAINER_SSH_CONFIG. */
  readonly configFile?: string | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
}

/** The one authenticated connection to a machine; clients reach it through the socket `control`. */
export interface SshMaster {
  /** The private directory that holds `control`. */
  readonly directory: string;
  readonly control: string;
  /** What ssh has said on standard error. */
  words(): string;
  /**
   * Gives up the connection, and makes one anew at the same `control`.
   * @throws MigrationError as `openSshMaster`
   */
  reopen(signal?: AbortSignal): Promise<void>;
  /** Ends the connection and removes the directory. */
  close(): Promise<void>;
}

const masterOptions = [
  "BatchMode=yes",
  "ControlMaster=yes",
  "ControlPersist=no",
  "ConnectTimeout=15",
  "ServerAliveInterval=5",
  "ServerAliveCountMax=4",
  "RemoteCommand=none",
  "PermitLocalCommand=no",
  "ClearAllForwardings=yes",
  "ForwardAgent=no",
  "ForwardX11=no",
].flatMap((option) => ["-o", option]);

const greeting = "connected";
const closeMs = 3000;

/**
 * Connects and authenticates. The connection's process is a child of this one, and its far end a `cat`
 * on a pipe that we hold: when this program dies, however it dies, the pipe closes and the connection goes
 * away by itself. (ControlPersist would leave one without an owner, or end one that is only idle.)
 * @throws MigrationError `target-unreachable`, `cancelled`, `command-not-found`
 */
export async function openSshMaster(name: string, target: Target & { kind: "ssh" }, options: SshOptions): Promise<SshMaster> {
  const { path: directory, remove } = await makePrivateDirectory();
  const control = join(directory, "control");
  const { configFile } = options;
  const connect = (signal: AbortSignal | undefined) => connectMaster(name, target, { control, configFile, signal });
  let connection = await connect(options.signal).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    directory,
    control,
    words: () => connection.words(),
    async reopen(signal) {
      await connection.kill();
      // A connection that was cut leaves its socket, and ssh takes none that is there.
      await rm(control, { force: true });
      connection = await connect(signal);
    },
    async close() {
      await connection.close();
      await remove();
    },
  };
}

interface Connection {
  words(): string;
  /** Ends it as it ought to be ended. */
  close(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

async function connectMaster(
  name: string,
  target: Target & { kind: "ssh" },
  { control, configFile = process.env.MIGRATE_CONTAINER_SSH_CONFIG, signal }: SshOptions & Pick<SshMaster, "control">,
): Promise<Connection> {
  const child = execa(
    "ssh",
    [
      ...(configFile === undefined || configFile === "" ? [] : ["-F", configFile]),
      ...masterOptions,
      ...["-T", "-S", control],
      ...(target.user === undefined ? [] : ["-l", target.user]),
      ...(target.port === undefined ? [] : ["-p", String(target.port)]),
      ...["--", target.host, `echo ${greeting}; exec cat`],
    ],
    // `detached`: Ctrl-C must not cut the connection over which the roll-back runs.
    { reject: false, detached: true, cleanup: false, stdin: "pipe", buffer: { stdout: false, stderr: true } },
  );
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = (words + chunk).slice(-10_000);
  });
  const giveUp = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();

  const connected = await new Promise<boolean>((resolve) => {
    let seen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      // The account's start-up files may print something before.
      seen = (seen + chunk).slice(-10_000);
      if (seen.includes(greeting)) resolve(true);
    });
    child.then(() => resolve(false));
  });
  signal?.removeEventListener("abort", giveUp);

  if (connected) {
    return {
      words: () => words,
      async close() {
        child.stdin.end();
        const timer = setTimeout(() => child.kill("SIGKILL"), closeMs);
        await execa("ssh", ["-F", "none", "-S", control, "-O", "exit", "control"], { reject: false, stdin: "ignore" });
        await child;
        clearTimeout(timer);
      },
      async kill() {
        child.kill("SIGKILL");
        await child;
      },
    };
  }

  const outcome = await child;
  if (signal?.aborted) throw new MigrationError("cancelled", "connecting was cancelled", { host: name });
  if (outcome.code === "ENOENT") {
    throw new MigrationError("command-not-found", "the program `ssh` is not installed on this machine", {
      host: "local",
      remedy: "Install OpenSSH's client.",
    });
  }
  throw unreachable(name, words);
}

/**
 * The command line of a client of a connection. Without the connection ssh would open one of its own to the "host";
 * an empty configuration and a failing proxy forbid that.
 */
export function sshClient({ control }: SshMaster, options: readonly string[], command: readonly string[] = []): string[] {
  const alone = ["-F", "none", "-o", "BatchMode=yes", "-o", "ProxyCommand=false"];
  return ["ssh", ...alone, "-S", control, ...options, "control", ...command];
}
