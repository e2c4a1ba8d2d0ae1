import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import { moveTable, nextLines } from "../output/moves.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import { lookingWork, type RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const listExamples = `
Examples:
  $ migrate-container list            what is under way, or was interrupted
  $ migrate-container list --json`;

const historyExamples = `
Examples:
  $ migrate-container history
  $ migrate-container history web     moves of one container
  $ migrate-container history --json`;

export function addListCommand(program: Command, runWork: RunWork): void {
  program
    .command("list")
    .summary("show the moves that are under way or unfinished")
    .description("Shows the moves from this machine that are under way, and those that were interrupted and wait for `recover`.")
    .addOption(jsonOption())
    .addHelpText("after", listExamples)
    .action(async (_options: unknown, command: Command) => {
      await runWork(command, work("Not listed", false));
    });
}

export function addHistoryCommand(program: Command, runWork: RunWork): void {
  program
    .command("history")
    .summary("show all moves from this machine, and how they ended")
    .description("Shows all moves that were begun from this machine by this user, and how they ended.")
    .argument("[container]", "only moves of this container, by name or id")
    .addOption(jsonOption())
    .addHelpText("after", historyExamples)
    .action(async (container: string | undefined, _options: unknown, command: Command) => {
      await runWork(command, work("Not listed", true, container));
    });
}

function work(failure: string, all: boolean, container?: string): CommandWork {
  return lookingWork(failure, (session) => run(session, all, container));
}

async function run(
  { library, json, print, printError, outputLook }: Session,
  all: boolean,
  container?: string,
): Promise<ExitCode> {
  const moves = (await library.listMoves({ all })).filter(
    (move) => container === undefined || move.container === container || move.containerId.startsWith(container),
  );
  if (json) print([toJson({ moves }, 2)]);
  else if (moves.length === 0) printError([all ? "No moves." : "No move is under way, and none is unfinished."]);
  else print([...moveTable(moves, outputLook), ...nextLines(moves)]);
  return exitCodes.done;
}
