import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { MigrationError } from "../../errors.ts";
import type { MoveOverview } from "../../migration/index.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import { moveLines } from "../output/moves.ts";
import type { Session } from "../session.ts";
import { lookingWork, type RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container status web                 its latest move
  $ migrate-container status web --watch         until it has ended
  $ migrate-container status 20261101120000-abcdef --json

Exit status: 0 it runs or has ended, 5 it was interrupted or is stuck, 1 there is none.`;

/** How often a running move is looked at. */
const lookMs = 500;

interface Options {
  readonly watch?: true;
}

export function addStatusCommand(program: Command, runWork: RunWork): void {
  program
    .command("status")
    .summary("show how a move stands")
    .description("Shows how a move stands, also one that another terminal carries out.")
    .argument("<move>", "id of a move, or name or id of a container")
    .option("--watch", "show it again whenever something has changed, until it has ended")
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (which: string, options: Options, command: Command) => {
      await runWork(
        command,
        lookingWork("No status", (session) => run(session, which, options)),
      );
    });
}

async function run(session: Session, which: string, { watch }: Options): Promise<ExitCode> {
  let shown = "";
  for (;;) {
    const move = await find(session, which);
    const lines = session.json ? [toJson(move, watch === true ? 0 : 2)] : moveLines(move, session.outputLook);
    const key = changeOf(move);
    if (key !== shown) session.print(shown === "" || session.json ? lines : ["", ...lines]);
    shown = key;
    if (watch !== true || move.state !== "running") return exitCodeOf(move);
    await setTimeout(lookMs, undefined, { signal: session.signal });
  }
}

/** What must differ for a move to be shown again: not only its time. */
function changeOf({ state, live, steps }: MoveOverview): string {
  return JSON.stringify([state, live?.step, live?.bytes, live?.cancelled, live?.rollingBack, steps.length]);
}

async function find({ library }: Session, which: string): Promise<MoveOverview> {
  const move = await library.findMove(which);
  if (move !== undefined) return move;
  throw new MigrationError("no-such-move", `there is no move of \`${which}\``, {
    host: "local",
    remedy: "`migrate-container history` lists all that were begun from this machine by this user.",
  });
}

function exitCodeOf({ state }: MoveOverview): ExitCode {
  return state === "interrupted" || state === "stuck" ? exitCodes.stuck : exitCodes.done;
}
