import { Command, CommanderError } from "commander";
import { toolVersion } from "../migration/version.ts";
import { addCancelCommand } from "./commands/cancel.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addCheckpointCommand } from "./commands/checkpoint.ts";
import { addCompileCommand } from "./commands/compile.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addForwardCommand } from "./commands/forward.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addHistoryCommand, addListCommand } from "./commands/list.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { outputOptionsOf } from "./commands/output-options.ts";
import { addRecoverCommand } from "./commands/recover.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import type { RunWork } from "./commands/run-work.ts";
import { addSetupCommand } from "./commands/setup.ts";
import { addStatusCommand } from "./commands/status.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { runCommand } from "./run-command.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Runs one command line.
 * @param parameters what follows the program's name
 */
export async function runCli(parameters: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = createProgram(surroundings, async (command, work) => {
    exitCode = await runCommand(surroundings, outputOptionsOf(command), work);
  });
  try {
    await program.parseAsync(parameters, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

/** The tree of commands. */
export function createProgram({ stdout, stderr }: Surroundings, runWork: RunWork): Command {
  const program = new Command("migrate-container")
    .description(
      "Moves running containers to another machine, above all from x86_64 to ARM64, so that they go on where they were.",
    )
    .version(toolVersion, "--version", "print the version")
    .option("--no-color", "no colours, as with the environment variable NO_COLOR")
    .option("--verbose", "tell all that is known of an error")
    .helpCommand(false)
    .showHelpAfterError("Run it with --help to see how it is used.")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .exitOverride()
    .addHelpText(
      "after",
      `
Examples:
  $ migrate-container setup
  $ migrate-container check web ssh://root@board
  $ migrate-container migrate web ssh://root@board
  $ migrate-container checkpoint web --output web.ckpt
  $ migrate-container restore web.ckpt ssh://root@board
  $ migrate-container inspect web.ckpt

Run \`migrate-container <command> --help\` for a command's options.`,
    );
  addCheckCommand(program, runWork);
  addMigrateCommand(program, runWork);
  addForwardCommand(program, runWork);
  addListCommand(program, runWork);
  addStatusCommand(program, runWork);
  addCancelCommand(program, runWork);
  addRecoverCommand(program, runWork);
  addHistoryCommand(program, runWork);
  addCheckpointCommand(program, runWork);
  addRestoreCommand(program, runWork);
  addInspectCommand(program, runWork);
  addSetupCommand(program, runWork);
  addCompileCommand(program, runWork);
  addCompletionCommand(program, runWork);
  return program;
}
