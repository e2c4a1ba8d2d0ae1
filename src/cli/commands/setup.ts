import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container setup
  $ XDG_DATA_HOME=/srv/data migrate-container setup        puts it below /srv/data/migrate-container`;

const work: CommandWork = {
  failure: "Not set up",
  stateAfterFailure: ["Nothing was changed."],
  onInterrupt: () => "ending. What was downloaded so far is removed.",
  leftBehind: () => [],
  run: runSetup,
};

export function addSetupCommand(program: Command, runWork: RunWork): void {
  program
    .command("setup")
    .summary("install CRIU on this machine, in a folder of its own")
    .description(
      "Installs a CRIU that is recent enough, with its libraries, in a folder of its own on this machine, from the Debian mirror " +
        "that the machine uses. The system is not changed. When a good one is there, nothing is done.",
    )
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      await runWork(command, work);
    });
}

async function runSetup({ library, progress, signal, json, print, outputLook: { style, symbols } }: Session): Promise<ExitCode> {
  const bundle = await library.installCriuBundle({ signal, onProgress: (text) => progress.say(text) });
  const { version, directory, installed } = bundle;
  const text = installed ? `CRIU ${version} is installed in ${directory}` : `CRIU ${version} is there already, in ${directory}`;
  print(json ? [toJson(bundle, 2)] : [style.green(`${symbols.tick} ${text}`)]);
  return exitCodes.done;
}
