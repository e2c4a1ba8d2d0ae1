import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import { moveLines } from "../output/moves.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container cancel web
  $ migrate-container cancel 20261101120000-abcdef

Exit status: 0 it is undone, 1 none is under way, 4 too late: the move was completed, 5 the rollback is not complete.`;

export function addCancelCommand(program: Command, runWork: RunWork): void {
  program
    .command("cancel")
    .summary("stop a move that another terminal carries out, and undo it")
    .description("Stops a move that another terminal carries out, has it undone, and waits for that.")
    .argument("<move>", "id of a move, or name or id of a container")
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (which: string, _options: unknown, command: Command) => {
      await runWork(command, work(which));
    });
}

function work(which: string): CommandWork {
  return {
    failure: "Not cancelled",
    stateAfterFailure: [],
    onInterrupt: () => "no longer waiting. The move is being undone all the same.",
    leftBehind: () => [],
    run: (session) => run(session, which),
  };
}

async function run({ library, json, print, outputLook }: Session, which: string): Promise<ExitCode> {
  const move = await library.cancel(which);
  print(json ? [toJson(move, 2)] : moveLines(move, outputLook));
  if (move.state === "rolled-back") return exitCodes.done;
  return move.state === "migrated" ? exitCodes.rolledBack : exitCodes.stuck;
}
