import { MigrationError } from "../errors.ts";
import type { RestoreResult } from "../migration/restore/restore-result.ts";
import type { MigrationResult } from "../migration/result.ts";

/** What the exit status tells a script. Explained in docs/cli.md. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  rolledBack: 4,
  stuck: 5,
  /** 128 + SIGINT, whichever signal it was: it ended where a user wanted it to, with nothing changed. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** @param interrupted whether a signal asked for the end; a move that was past its commit then is `migrated` all the same */
export function exitCodeOfResult(result: MigrationResult | RestoreResult, interrupted: boolean): ExitCode {
  switch (result.status) {
    case "migrated":
    case "restored":
      return result.remains.length === 0 ? exitCodes.done : exitCodes.stuck;
    case "planned":
      return exitCodes.done;
    case "refused":
      return exitCodes.refused;
    case "rolled-back":
      return interrupted && result.error.code === "cancelled" ? exitCodes.interrupted : exitCodes.rolledBack;
    case "stuck":
      return exitCodes.stuck;
  }
}

/** The exit code for what was thrown, when nothing was begun. */
export function exitCodeOfError(error: unknown, interrupted: boolean): ExitCode {
  if (interrupted && isCancellation(error)) return exitCodes.interrupted;
  if (!(error instanceof MigrationError)) return exitCodes.failed;
  if (error.code === "usage") return exitCodes.usage;
  return error.code === "incompatible" ? exitCodes.refused : exitCodes.failed;
}

/** Node.js's own functions throw an AbortError, the project's a MigrationError. */
function isCancellation(error: unknown): boolean {
  return error instanceof MigrationError ? error.code === "cancelled" : error instanceof Error && error.name === "AbortError";
}
