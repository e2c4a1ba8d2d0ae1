import type { Command } from "commander";
import type { CommandWork } from "../run-command.ts";

/** Runs what a command line asks for; the exit code goes to the program. */
export type RunWork = (command: Command, work: CommandWork) => Promise<void>;

/** What only looks: nothing is changed, however it ends. */
export function lookingWork(failure: string, run: CommandWork["run"]): CommandWork {
  return {
    failure,
    run,
    stateAfterFailure: [],
    onInterrupt: () => "ending. Nothing was changed.",
    leftBehind: () => [],
  };
}
