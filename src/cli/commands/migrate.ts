import { type Command, Option } from "commander";
import type { Strategy } from "../../compatibility/strategy.ts";
import type { EngineName } from "../../engine/engine-name.ts";
import { composeProjectOption, movedWords } from "./group-words.ts";
import { MigrateWork } from "./migrate-work.ts";
import { addNetworkingOptions, type NetworkingCommandOptions } from "./networking-options.ts";
import type { RunWork } from "./run-work.ts";
import {
  bindExistsOption,
  bindOption,
  configOption,
  containerWords,
  copySharedOption,
  deviceOption,
  emulatorOption,
  fromOption,
  jsonOption,
  parseSeconds,
  sourceArchitectureOption,
  sshConfigOption,
  strategyOption,
  targetArchitectureOption,
  targetEngineOption,
  targetWords,
} from "./shared-options.ts";
import { addTransferOptions, type TransferCommandOptions } from "./transfer-options.ts";

const examples = `
Examples:
  $ migrate-container migrate web ssh://root@board --dry-run
  $ migrate-container migrate web ssh://root@board
  $ migrate-container migrate web ssh://root@board:2222 --name web-2 --leave-source removed
  $ migrate-container migrate web board --strategy replatform --image-archive web-arm64.tar --hook-before '/save.sh'
  $ migrate-container migrate web local --from ssh://board
  $ migrate-container migrate web redis worker ssh://board
  $ migrate-container migrate --compose-project shop ssh://board
  $ migrate-container migrate cache ssh://board --health-cmd 'redis-cli ping | grep PONG' --timeout 120

Until the move is committed, any failure and Ctrl-C undo it: the container goes on where it was.
Exit status: 0 moved, 1 failed, 2 wrong usage, 3 refused, 4 rolled back, 5 stuck, 130 interrupted and rolled back.`;

/** The options as commander reads them. */
export interface MigrateCommandOptions extends TransferCommandOptions, NetworkingCommandOptions {
  readonly composeProject?: string;
  readonly from?: string;
  readonly dryRun?: true;
  readonly name?: string;
  readonly leaveSource: "stopped" | "removed";
  readonly healthCmd?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly targetEngine?: EngineName;
  readonly sshConfig?: string;
  readonly emulator?: string;
  readonly config?: string;
  readonly cpu?: true;
  readonly strategy: "auto" | Strategy;
  readonly sourceArch?: string;
  readonly targetArch?: string;
  readonly image?: string;
  readonly imageArchive?: string;
  readonly hookBefore?: string;
  readonly hookAfter?: string;
  readonly preserveNetworking: boolean;
  readonly preserveVolumes: boolean;
  readonly bind?: Readonly<Record<string, string>>;
  readonly bindExists?: readonly string[];
  readonly copyShared?: boolean;
  readonly device?: Readonly<Record<string, string>>;
  readonly rollback: boolean;
  readonly forward?: true;
  readonly yes?: true;
}

export function addMigrateCommand(program: Command, runWork: RunWork): void {
  const command = program
    .command("migrate")
    .summary("move a running container to another machine, where it goes on where it was")
    .description(
      "Moves a running container to another machine, where it goes on where it was: same memory, same open files, same processes.",
    )
    .usage("[options] <container...> <target>")
    .argument("[container]", `${containerWords}; several are moved together, or none`)
    .argument("[target...]", targetWords)
    .addOption(composeProjectOption())
    .addOption(fromOption())
    .option("--dry-run", "only check and tell what would be done")
    .option("--name <name>", "name of the container on the target (default: the same)")
    .addOption(
      new Option("--leave-source <state>", "what becomes of the source's container after the move")
        .choices(["stopped", "removed"])
        .default("stopped"),
    )
    .option(
      "--health-cmd <command>",
      "shell command, run in the moved container before the commit; if it fails, the move is undone",
    )
    .addOption(new Option("--timeout <seconds>", "undo the move when it takes longer").argParser(parseSeconds))
    .addOption(targetEngineOption())
    .addOption(sshConfigOption())
    .addOption(emulatorOption())
    .addOption(configOption())
    .addOption(strategyOption())
    .addOption(sourceArchitectureOption())
    .addOption(targetArchitectureOption())
    .option("--image <name>", "replatform: image that the target can run (default: the container's own, in the target's variant)")
    .option("--image-archive <file>", "replatform: file of `docker save` with such an image")
    .option("--hook-before <command>", "replatform: shell command, run in the container before it is frozen")
    .option("--hook-after <command>", "replatform: shell command, run in the container after its start on the target")
    .option("--no-preserve-networking", "leave out published ports, networks, addresses")
    .option("--no-preserve-volumes", "leave out volumes and bind mounts")
    .addOption(bindOption())
    .addOption(bindExistsOption())
    .addOption(copySharedOption())
    .addOption(deviceOption())
    .option("--no-rollback", "leave all as it is when the move fails, the container frozen, until `recover`")
    .option("--forward", "afterwards serve the published ports here, as `forward` does, until Ctrl-C")
    .option("-y, --yes", "don't ask before memory is lost or a container is removed")
    .option("--cpu", "tell in the notes what was chosen anew for the target's CPU")
    .addOption(jsonOption())
    .addHelpText("after", examples);
  addTransferOptions(addNetworkingOptions(command)).action(
    async (first: string | undefined, rest: readonly string[], options: MigrateCommandOptions, command: Command) => {
      const words = movedWords(command, first === undefined ? [] : [first, ...rest], options.composeProject);
      const { target } = words;
      if (target === undefined) return command.error("error: missing required argument 'target'");
      await runWork(command, new MigrateWork({ ...words, target }, options));
    },
  );
}
