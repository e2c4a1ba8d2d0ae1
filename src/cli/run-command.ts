import { MigrationError, messageOf } from "../errors.ts";
import { type ExitCode, exitCodeOfError, exitCodes } from "./exit-codes.ts";
import { toJson } from "./format/json.ts";
import { listenForInterruption } from "./interruption.ts";
import { failureLines } from "./output/failure.ts";
import { type OutputOptions, openSession, type Session } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";

/** What one command is, apart from what all have in common. */
export interface CommandWork {
  run(session: Session): Promise<ExitCode>;
  /** Heads the error when `run` throws. */
  readonly failure: string;
  /** How things stand when `run` throws an expected error. */
  readonly stateAfterFailure: readonly string[];
  /** Said at the first Ctrl-C. */
  onInterrupt(): string;
  /** Said when a second one ends the program at once; nothing when no harm is done. */
  leftBehind(): readonly string[];
}

/** Runs a command: signals, thrown errors, the progress's end. Never throws. */
export async function runCommand(surroundings: Surroundings, options: OutputOptions, work: CommandWork): Promise<ExitCode> {
  using interruption = listenForInterruption({
    signals: surroundings.signals,
    clock: surroundings.clock,
    onFirst: (signal) => session.progress.say(`${signal}: ${work.onInterrupt()}`),
    onSecond: (signal) => {
      const left = work.leftBehind();
      session.progress.close();
      session.progress.say([`${signal} again: ended at once.`, ...left].join("\n"));
      surroundings.exit(left.length > 0 ? exitCodes.stuck : exitCodes.interrupted);
    },
  });
  const session = openSession(surroundings, options, interruption.signal);
  try {
    return await work.run(session);
  } catch (error) {
    session.progress.close();
    tellFailure(error, session, work);
    return exitCodeOfError(error, interruption.signal.aborted);
  } finally {
    session.progress.close();
  }
}

function tellFailure(error: unknown, session: Session, work: CommandWork): void {
  if (session.json) {
    session.print([toJson({ status: "failed", error: error instanceof MigrationError ? error : defect(error) }, 2)]);
    return;
  }
  // Who threw something unforeseen can't be trusted to have left things as they were.
  const state = error instanceof MigrationError ? work.stateAfterFailure : work.leftBehind();
  session.printError(failureLines(error, { headline: work.failure, state, verbose: session.verbose, look: session.errorLook }));
}

function defect(error: unknown): Record<string, unknown> {
  return { code: "defect", message: messageOf(error), details: { stack: error instanceof Error ? error.stack : undefined } };
}
