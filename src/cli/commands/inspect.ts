import { type Command, InvalidArgumentError, Option } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import { inspectionLines, type Section, sections, usualSections } from "../output/inspection.ts";
import type { CommandWork } from "../run-command.ts";
import type { Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { identityOption, jsonOption } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container inspect web.ckpt
  $ migrate-container inspect web.ckpt --show processes,files,members
  $ migrate-container inspect web.ckpt.age --identity key.txt --json
  $ migrate-container inspect /var/lib/kubelet/checkpoints/checkpoint-web.tar

The whole archive is checked. Exit status: 0 sound, 1 refused, 2 wrong usage.`;

interface InspectOptions {
  readonly show: readonly Section[];
  readonly identity?: string;
  readonly secrets?: true;
}

export function addInspectCommand(program: Command, runWork: RunWork): void {
  program
    .command("inspect")
    .summary("show what is in a checkpoint, and check it")
    .description(
      "Shows what is in an archive of a checkpoint: of `checkpoint`, of podman's `container checkpoint --export`, of the kubelet; or in a " +
        "folder of CRIU's images. All of it is checked on the way. Nothing is started, and nothing of it stays.",
    )
    .argument("<file>", "archive, or folder with CRIU's images")
    .addOption(
      new Option("--show <sections>", `what to show, separated by commas: ${sections.join(", ")}, all`)
        .argParser(parseSections)
        .default(usualSections, usualSections.join(",")),
    )
    .addOption(identityOption())
    .option("--secrets", "tell the values of environment variables too")
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (path: string, options: InspectOptions, command: Command) => {
      await runWork(command, inspectWork(path, options));
    });
}

function parseSections(text: string): readonly Section[] {
  if (text === "all") return sections;
  return text.split(",").map((each) => {
    const section = sections.find((known) => known === each.trim());
    if (section === undefined) throw new InvalidArgumentError(`There is no section \`${each}\`.`);
    return section;
  });
}

function inspectWork(path: string, options: InspectOptions): CommandWork {
  return {
    failure: "Not shown",
    stateAfterFailure: ["Nothing of it was used, and nothing of it stayed."],
    onInterrupt: () => "ending.",
    leftBehind: () => [],
    run: (session) => runInspect(path, options, session),
  };
}

async function runInspect(path: string, options: InspectOptions, session: Session): Promise<ExitCode> {
  const { library, json, print, outputLook, signal } = session;
  const inspection = await library.inspectCheckpoint(path, {
    identityFile: options.identity,
    secrets: options.secrets === true,
    signal,
  });
  print(json ? [toJson(inspection, 2)] : inspectionLines(inspection, options.show, outputLook));
  return exitCodes.done;
}
