import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { CheckRequest } from "../library.ts";
import { checkReportLines } from "../output/check-report.ts";
import type { CommandWork } from "../run-command.ts";
import { readSessionConfiguration, type Session } from "../session.ts";
import type { RunWork } from "./run-work.ts";
import { configOption, emulatorOption, jsonOption, sshConfigOption, targetWords } from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container check web                            what on this machine stands in the way
  $ migrate-container check web ssh://root@board           the target too
  $ migrate-container check web ssh://root@board --json`;

interface CheckOptions {
  readonly sshConfig?: string;
  readonly emulator?: string;
  readonly config?: string;
}

export function addCheckCommand(program: Command, runWork: RunWork): void {
  program
    .command("check")
    .summary("tell whether a container can be moved, and what stands in the way")
    .description("Tells whether a running container can be moved, and what stands in the way. Changes nothing.")
    .argument("<container>", "name or id of a running container of this machine's Docker")
    .argument("[target]", targetWords)
    .addOption(sshConfigOption())
    .addOption(emulatorOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (container: string, target: string | undefined, options: CheckOptions, command: Command) => {
      await runWork(command, checkWork(container, target, options));
    });
}

function checkWork(container: string, target: string | undefined, options: CheckOptions): CommandWork {
  return {
    failure: "Not checked",
    stateAfterFailure: [],
    onInterrupt: () => "ending. Nothing was changed.",
    leftBehind: () => [],
    run: (session) => runCheck(container, target, options, session),
  };
}

async function runCheck(
  container: string,
  target: string | undefined,
  { sshConfig, emulator, config }: CheckOptions,
  session: Session,
): Promise<ExitCode> {
  const request: CheckRequest = {
    container,
    signal: session.signal,
    configuration: await readSessionConfiguration(session, config),
    ...(target === undefined ? {} : { target }),
    ...(sshConfig === undefined ? {} : { sshConfig }),
    ...(emulator === undefined ? {} : { emulator }),
  };
  const report = await session.library.check(request);
  session.print(
    session.json
      ? [toJson(report, 2)]
      : checkReportLines(report, { container, target, sshConfig, emulator, config }, session.outputLook),
  );
  return report.verdicts.resume === "ready" ? exitCodes.done : exitCodes.refused;
}
