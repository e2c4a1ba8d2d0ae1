import type { Readable } from "node:stream";
import { execa } from "execa";
import type { RunOptions } from "./host.ts";

/** What is started on this machine for a command: the command itself or the client that carries it elsewhere. */
export interface Launch {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** How a child ended. Without `exitCode` and `signal` it was never started, and `cause` says why. */
export interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
  readonly stdout?: unknown;
  readonly stderr: string;
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

/** A running program; awaiting it never throws. */
export interface Child extends PromiseLike<Outcome> {
  readonly pid?: number | undefined;
  readonly stdout: Readable;
}

/** @param output whether standard output is gathered into the outcome or left to a reader of `stdout` */
export function startChild(launch: Launch, input: RunOptions["input"], output: "gathered" | "streamed"): Child {
  const [file = "", ...parameters] = launch.argv;
  return execa(file, parameters, {
    reject: false,
    stripFinalNewline: false,
    env: { ...launch.environment },
    input: input ?? "",
    buffer: { stdout: output === "gathered", stderr: true },
    // A process group of its own: Ctrl-C in the terminal must reach only this program, which then rolls back over
    // connections that still live; and a cancel can end the grandchildren too.
    detached: true,
    cleanup: false,
  });
}

const killDelayMs = 5000;

/** Ends a child and its process group: SIGTERM, then SIGKILL after 5 s. */
export async function endGroup(child: Child): Promise<void> {
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), killDelayMs);
  await child;
  clearTimeout(timer);
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
