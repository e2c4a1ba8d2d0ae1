import type { Command } from "commander";
import { MigrationError } from "../../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import { recoveredLines } from "../output/recovered.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container recover                     all that were interrupted
  $ migrate-container recover web                 the move of one container
  $ migrate-container recover web --roll-back     let it go on where it was frozen, even if its copy has gone on

By the journal and by what is found on both machines, exactly one container is left. A move that is under way is not touched.
Exit status: 0 all have ended, 5 something is left: run it again when its cause is mended.`;

interface Options {
  readonly rollBack?: true;
}

export function addRecoverCommand(program: Command, runWork: RunWork): void {
  program
    .command("recover")
    .summary("end moves that were interrupted, so that exactly one container is left")
    .description("Ends moves that were interrupted: by a crash, a lost link, a restart of either machine.")
    .argument("[move...]", "ids of moves, or names or ids of containers (default: all)")
    .option("--roll-back", "prefer the source: what the copy has done since it went on is lost")
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (which: readonly string[], options: Options, command: Command) => {
      await runWork(command, work(which, options));
    });
}

function work(which: readonly string[], options: Options): CommandWork {
  return {
    failure: "Not recovered",
    stateAfterFailure: ["What was not done yet is still written down: run `migrate-container recover` again."],
    onInterrupt: () => "ending. Run `migrate-container recover` again.",
    leftBehind: () => ["The move is still unfinished: run `migrate-container recover` again."],
    run: (session) => run(session, which, options),
  };
}

async function run(session: Session, which: readonly string[], { rollBack }: Options): Promise<ExitCode> {
  const { library, progress, json, print, printError, outputLook, signal } = session;
  const moves = await library.recover(which, {
    preferSource: rollBack === true,
    signal,
    onProgress: (text) => progress.say(text),
  });
  progress.close();
  if (moves.length === 0 && which.length > 0) await refuseUnknown(session, which);
  if (json) print([toJson({ moves }, 2)]);
  else if (moves.length === 0) printError(["Nothing to recover."]);
  else print(moves.flatMap((move) => recoveredLines(move, outputLook)));
  return moves.every(({ status, remains }) => status !== "stuck" && remains.length === 0) ? exitCodes.done : exitCodes.stuck;
}

/** A move that has ended needs nothing; one that does not exist was misspelt. */
async function refuseUnknown({ library }: Session, which: readonly string[]): Promise<void> {
  for (const word of which) {
    if ((await library.findMove(word)) !== undefined) continue;
    throw new MigrationError("no-such-move", `there is no move of \`${word}\``, {
      host: "local",
      remedy: "`migrate-container list` shows those that are unfinished.",
    });
  }
}
