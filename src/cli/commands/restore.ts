import { type Command, Option } from "commander";
import type { EngineName } from "../../engine/engine-name.ts";
import type { RestoreStrategy } from "../../migration/restore/restore-options.ts";
import { RestoreWork } from "./restore-work.ts";
import type { RunWork } from "./run-work.ts";
import {
  configOption,
  emulatorOption,
  identityOption,
  imageEngineOption,
  jsonOption,
  parseSeconds,
  sshConfigOption,
} from "./shared-options.ts";
import { addTransferOptions, type TransferCommandOptions } from "./transfer-options.ts";

const examples = `
Examples:
  $ migrate-container restore web.ckpt
  $ migrate-container restore web.ckpt ssh://root@board --name web-2
  $ migrate-container restore web.ckpt.age board --identity key.txt --allow PortBindings --allow Binds=/srv:/srv
  $ migrate-container restore web.ckpt board --dry-run
  $ migrate-container restore podman-web.tar.zst --name web

The whole archive is checked before it is used. The container gets nothing of the machine (mounts, ports, devices, rights) but what --allow names.
A container that the archive was made of is not touched. Until the commit, any failure and Ctrl-C remove all that was made.
Exit status: 0 restored, 1 failed, 2 wrong usage, 3 refused, 4 undone, 5 stuck, 130 interrupted and undone.`;

/** The options as commander reads them. */
export interface RestoreCommandOptions extends TransferCommandOptions {
  readonly dryRun?: true;
  readonly name?: string;
  readonly identity?: string;
  readonly strategy: "auto" | RestoreStrategy;
  readonly allow: readonly string[];
  readonly image?: string;
  readonly healthCmd?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly targetEngine?: EngineName;
  readonly sshConfig?: string;
  readonly emulator?: string;
  readonly config?: string;
}

export function addRestoreCommand(program: Command, runWork: RunWork): void {
  const command = program
    .command("restore")
    .summary("make a container from a checkpoint, which goes on where it was")
    .description(
      "Makes a container from an archive that `checkpoint` wrote, on this machine or another: it goes on where it was frozen. So it does from podman's " +
        "archives (`container checkpoint --export`) and the kubelet's, whose image must be on the target. The archive can be used any number of times.",
    )
    .argument("<file>", "archive")
    .argument("[target]", "the machine to make it on, as for `migrate` (default: local, this machine)")
    .option("--dry-run", "only check and tell what would be done")
    .option("--name <name>", "name of the container (default: the one it had)")
    .addOption(identityOption())
    .addOption(
      new Option(
        "--strategy <strategy>",
        "resume: by a program compiled from the dump; restore: by CRIU there; auto: what can be done",
      )
        .choices(["auto", "restore", "resume"])
        .default("auto"),
    )
    .option(
      "--allow <request>",
      "grant what the archive asks of the machine: FIELD=VALUE as `inspect` lists it, FIELD for all of a field, or all; may be repeated",
      (request: string, requests: readonly string[]) => [...requests, request],
      [] as readonly string[],
    )
    .option("--image <name>", "image to use where the archive's is neither in it nor on the target")
    .option("--health-cmd <command>", "shell command, run in the container before the commit; if it fails, all is undone")
    .addOption(new Option("--timeout <seconds>", "undo it when it takes longer").argParser(parseSeconds))
    .addOption(imageEngineOption())
    .addOption(sshConfigOption())
    .addOption(emulatorOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", examples);
  addTransferOptions(command).action(
    async (file: string, target: string | undefined, options: RestoreCommandOptions, command: Command) => {
      await runWork(command, new RestoreWork(file, target ?? "local", options));
    },
  );
}
