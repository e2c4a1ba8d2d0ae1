import type { Command } from "commander";
import type { Strategy } from "../../compatibility/strategy.ts";
import type { EngineName } from "../../engine/engine-name.ts";
import { chooseStrategy } from "../../migration/choose-strategy.ts";
import type { MemberReport } from "../../migration/index.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toJson } from "../format/json.ts";
import type { CheckRequest } from "../library.ts";
import { checkReportLines } from "../output/check-report.ts";
import { pairs } from "../output/command-line.ts";
import type { CommandWork } from "../run-command.ts";
import { readSessionConfiguration, type Session } from "../session.ts";
import { composeProjectOption, isGroup, type MovedWords, membersOf, movedWords, nameOf } from "./group-words.ts";
import { addNetworkingOptions, type NetworkingCommandOptions, networkingOf } from "./networking-options.ts";
import type { RunWork } from "./run-work.ts";
import {
  bindExistsOption,
  bindOption,
  configOption,
  copySharedOption,
  deviceOption,
  emulatorOption,
  fromOption,
  jsonOption,
  sourceArchitectureOption,
  sshConfigOption,
  strategyOption,
  targetArchitectureOption,
  targetEngineOption,
  targetWords,
} from "./shared-options.ts";

const examples = `
Examples:
  $ migrate-container check web                            what on this machine stands in the way
  $ migrate-container check web ssh://root@board           the target too
  $ migrate-container check web ssh://root@board --json
  $ migrate-container check web --target-arch x86_64       as if the target were an x86_64 machine
  $ migrate-container check web local --from ssh://board   a container of another machine, to come here
  $ migrate-container check web redis ssh://root@board     both, as they would be moved together
  $ migrate-container check web local --name web-2 --strategy restore

Exit status: 0 it can be moved, 3 it can't. Only strategies that keep the memory count, unless --strategy names another.`;

interface CheckOptions extends NetworkingCommandOptions {
  readonly strategy: "auto" | Strategy;
  readonly composeProject?: string;
  readonly from?: string;
  readonly name?: string;
  readonly sourceArch?: string;
  readonly targetArch?: string;
  readonly bind?: Readonly<Record<string, string>>;
  readonly bindExists?: readonly string[];
  readonly copyShared?: boolean;
  readonly targetEngine?: EngineName;
  readonly device?: Readonly<Record<string, string>>;
  readonly sshConfig?: string;
  readonly emulator?: string;
  readonly config?: string;
}

export function addCheckCommand(program: Command, runWork: RunWork): void {
  const command = program
    .command("check")
    .summary("tell whether a container can be moved, and what stands in the way")
    .description("Tells by which strategies a container can be moved, and what stands in the way. Changes nothing.")
    .usage("[options] <container...> [target]")
    .argument(
      "[container]",
      "name or id of a container of this machine, or of the one that --from names; if both Docker and Podman have it, docker:NAME or podman:NAME; several with a target",
    )
    .argument("[target...]", targetWords)
    .addOption(composeProjectOption())
    .addOption(fromOption())
    .addOption(strategyOption())
    .option("--name <name>", "name that the container shall have on the target (default: the same)")
    .addOption(sourceArchitectureOption())
    .addOption(targetArchitectureOption())
    .addOption(bindOption())
    .addOption(bindExistsOption())
    .addOption(copySharedOption())
    .addOption(targetEngineOption())
    .addOption(deviceOption())
    .addOption(sshConfigOption())
    .addOption(emulatorOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", examples);
  addNetworkingOptions(command).action(
    async (first: string | undefined, rest: readonly string[], options: CheckOptions, command: Command) => {
      const words = movedWords(command, first === undefined ? [] : [first, ...rest], options.composeProject);
      await runWork(command, checkWork(words, options));
    },
  );
}

function checkWork(words: MovedWords, options: CheckOptions): CommandWork {
  return {
    failure: "Not checked",
    stateAfterFailure: [],
    onInterrupt: () => "ending. Nothing was changed.",
    leftBehind: () => [],
    run: (session) => runCheck(words, options, session),
  };
}

async function runCheck(words: MovedWords, options: CheckOptions, session: Session): Promise<ExitCode> {
  const { containers, composeProject, target } = words;
  const { bind, bindExists, copyShared, device } = options;
  const { strategy, from, name, sourceArch, targetArch, targetEngine, sshConfig, emulator, config, network, publish } = options;
  const request: Omit<CheckRequest, "container"> = {
    signal: session.signal,
    configuration: await readSessionConfiguration(session, config),
    ...networkingOf(options),
    ...(from === undefined ? {} : { source: from }),
    ...(target === undefined ? {} : { target }),
    ...(name === undefined ? {} : { name }),
    ...(bind === undefined ? {} : { binds: bind }),
    ...(bindExists === undefined ? {} : { bindsThere: bindExists }),
    ...(copyShared === undefined ? {} : { copyShared }),
    ...(device === undefined ? {} : { devices: device }),
    ...(sourceArch === undefined ? {} : { sourceArchitecture: sourceArch }),
    ...(targetArch === undefined ? {} : { targetArchitecture: targetArch }),
    ...(targetEngine === undefined ? {} : { targetEngine }),
    ...(sshConfig === undefined ? {} : { sshConfig }),
    ...(emulator === undefined ? {} : { emulator }),
  };
  const members = await checkAll(words, request, session);
  const given = {
    "compose-project": composeProject,
    from,
    name,
    "source-arch": sourceArch,
    "target-arch": targetArch,
    "target-engine": targetEngine,
    "ssh-config": sshConfig,
    emulator,
    config,
    network,
    publish,
    bind: bind && pairs(bind),
    "bind-exists": bindExists,
    "copy-shared": copyShared === true,
    device: device && pairs(device),
  };
  const reports = members.map(({ report }) => report);
  const move = { name: nameOf(words), containers, target, strategy, options: given };
  if (session.json) session.print([toJson(isGroup(words) ? { members } : reports[0], 2)]);
  else session.print(checkReportLines(members, move, session.outputLook));
  return chooseStrategy(strategy, ...reports) === undefined ? exitCodes.refused : exitCodes.done;
}

async function checkAll(
  words: MovedWords,
  request: Omit<CheckRequest, "container">,
  { library }: Session,
): Promise<readonly MemberReport[]> {
  if (isGroup(words)) return await library.checkGroup({ ...request, ...membersOf(words) });
  const container = words.containers[0]!;
  return [{ container, report: await library.check({ ...request, container }) }];
}
