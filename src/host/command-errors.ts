import { MigrationError, messageOf } from "../errors.ts";
import type { Outcome } from "./child.ts";
import type { CommandResult } from "./host.ts";

/** A command as a person reads it in an error: scripts and long arguments are cut. */
export function shownCommand(command: readonly string[]): string {
  const [file = "", ...parameters] = command;
  if (file === "sh" && parameters[1] === "-c") return `a shell script (${firstLine(parameters[2] ?? "")})`;
  const text = [file, ...parameters].join(" ").replaceAll("\n", " ");
  return text.length > 160 ? `\`${text.slice(0, 157)}...\`` : `\`${text}\``;
}

function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

const quotedCharacters = 2000;

/** The end of a program's standard error: the last words are the ones that say why. */
function lastWords(stderr: string): string {
  const text = stderr.trim();
  return text.length > quotedCharacters ? `...${text.slice(-quotedCharacters)}` : text;
}

export function commandFailed(host: string, command: readonly string[], { exitCode, stderr }: CommandResult): MigrationError {
  const words = lastWords(stderr);
  return new MigrationError(
    "command-failed",
    `${shownCommand(command)} ended with status ${exitCode}${words === "" ? "" : `: ${words}`}`,
    {
      host,
      details: { command, exitCode, stderr: words },
    },
  );
}

export function endedByCancel(host: string, command: readonly string[]): MigrationError {
  return new MigrationError("cancelled", `${shownCommand(command)} was cancelled`, { host });
}

export function commandTimedOut(host: string, command: readonly string[], milliseconds: number | undefined): MigrationError {
  return new MigrationError("command-failed", `${shownCommand(command)} did not end within ${milliseconds} ms`, {
    host,
    details: { command, timeoutMs: milliseconds },
  });
}

export function commandNotFound(host: string, command: readonly string[], cause?: unknown): MigrationError {
  const program = command[0] ?? "";
  return new MigrationError(
    "command-not-found",
    `the program \`${program}\` could not be started: it is not there or not executable`,
    {
      host,
      remedy: `Install the package that holds \`${program}\` on that machine, or put its directory into PATH.`,
      details: { command },
      cause,
    },
  );
}

/** The stream that fed a command broke; an error that already says why is passed on as it is. */
export function inputFailed(host: string, command: readonly string[], cause: Error): MigrationError {
  if (cause instanceof MigrationError) return cause;
  return new MigrationError("command-failed", `the input of ${shownCommand(command)} broke off: ${cause.message}`, {
    host,
    cause,
  });
}

/** A child without exit status and signal. */
export function notStarted(host: string, command: readonly string[], { code, cause }: Outcome): MigrationError {
  if (code === "ENOENT" || code === "EACCES") return commandNotFound(host, command, cause);
  return new MigrationError("command-failed", `${shownCommand(command)} could not be run: ${messageOf(cause)}`, {
    host,
    details: { command },
    cause,
  });
}
