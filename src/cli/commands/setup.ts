import { type Command, Option } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import { lookingWork, type RunWork } from "./run-work.ts";
import { type MachineSetupOptions, runKernelFragment, runMachineSetup, runMachineTest } from "./setup-machine.ts";
import { jsonOption, sshConfigOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container setup                                CRIU on this machine
  $ migrate-container setup ssh://root@board               asks before it changes anything
  $ migrate-container setup ssh://root@board --yes
  $ migrate-container setup ssh://root@board --test-only   what works there, and what does not
  $ migrate-container setup --kernel-fragment              what a kernel must have been built with
  $ XDG_DATA_HOME=/srv/data migrate-container setup        puts it below /srv/data/migrate-container

Exit status: 0 all is well, 1 something could not be put right, 2 it needs --yes, 3 something is left that you have to put right
(with --test-only: something does not work), 130 you declined.`;

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
    .summary("prepare a machine for containers that move, or only CRIU on this one")
    .description(
      "Without a target: installs a CRIU that is recent enough, with its libraries, in a folder of its own on this machine, from the " +
        "Debian mirror that the machine uses. The system is not changed. With a target: examines that machine, says what it lacks, and after " +
        "your yes puts it right: CRIU, the x86_64 emulator and its registration, Docker, the work folder. When all is there, nothing is done.",
    )
    .argument(
      "[target]",
      "the machine to prepare: local, ssh://[user@]host[:port], a name from your SSH configuration, or context:NAME",
    )
    .option("--test-only", "change nothing; try what a move needs there (default target: local)")
    .option("--yes", "don't ask")
    .addOption(
      new Option(
        "--kernel-fragment",
        "print what to build into the kernel; with a target or --kernel-config only what it lacks",
      ).conflicts(["testOnly", "yes"]),
    )
    .option("--kernel-config <file>", "configuration of the target's kernel, instead of what the target tells of it")
    .addOption(sshConfigOption())
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (target: string | undefined, options: MachineSetupOptions, command: Command) => {
      await runWork(command, workOf(target, options));
    });
}

function workOf(target: string | undefined, options: MachineSetupOptions): CommandWork {
  if (options.kernelFragment) return lookingWork("No fragment", (session) => runKernelFragment(target, options, session));
  if (options.testOnly) return lookingWork("Not tested", (session) => runMachineTest(target ?? "local", options, session));
  if (target === undefined && options.kernelConfig === undefined) return work;
  return runMachineSetup(target ?? "local", options);
}

async function runSetup({ library, progress, signal, json, print, outputLook: { style, symbols } }: Session): Promise<ExitCode> {
  const bundle = await library.installCriuBundle({ signal, onProgress: (text) => progress.say(text) });
  const { version, directory, installed } = bundle;
  const text = installed ? `CRIU ${version} is installed in ${directory}` : `CRIU ${version} is there already, in ${directory}`;
  print(json ? [toJson(bundle, 2)] : [style.green(`${symbols.tick} ${text}`)]);
  return exitCodes.done;
}
