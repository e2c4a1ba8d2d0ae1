import { readFile } from "node:fs/promises";
import { Argument, type Command } from "commander";
import { candidatesOf } from "../completion/candidates.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CommandWork } from "../run-command.ts";
import type { RunWork } from "./run-work.ts";

const examples = `
Examples:
  $ migrate-container completion bash >/etc/bash_completion.d/migrate-container
  $ source <(migrate-container completion zsh)
  $ migrate-container completion fish >~/.config/fish/completions/migrate-container.fish`;

const common: Omit<CommandWork, "run"> = {
  failure: "Not completed",
  stateAfterFailure: [],
  onInterrupt: () => "ending.",
  leftBehind: () => [],
};

/** To be added last: what it completes is the program's commands. */
export function addCompletionCommand(program: Command, runWork: RunWork): void {
  program
    .command("completion")
    .summary("print a script that completes commands in a shell")
    .description(
      "Prints a script for a shell, which then completes commands, options, their choices, names of running containers and " +
        "machines of your SSH configuration.",
    )
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", examples)
    .action(async (shell: string, _options: unknown, command: Command) => {
      await runWork(command, { ...common, run: async ({ print }) => printScript(shell, print) });
    });
  // What the scripts call. The words are those on the command line; the last one is under the cursor.
  program
    .command("__complete [words...]", { hidden: true })
    .action(async (words: string[], _options: unknown, command: Command) => {
      await runWork(command, {
        ...common,
        run: async ({ print, library }) => {
          const candidates = await candidatesOf(program, words, library.completionSources);
          print(candidates === "files" ? [":files"] : candidates.map(({ word, description }) => line(word, description)));
          return exitCodes.done;
        },
      });
    });
}

async function printScript(shell: string, print: (lines: readonly string[]) => void): Promise<0> {
  const script = await readFile(new URL(`../../../completion/migrate-container.${shell}`, import.meta.url), "utf8");
  print([script.trimEnd()]);
  return exitCodes.done;
}

function line(word: string, description: string | undefined): string {
  return description === undefined ? word : `${word}\t${description}`;
}
