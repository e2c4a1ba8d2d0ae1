import { memoryKeeping, type Strategy } from "../../compatibility/strategy.ts";
import type { MigrationResult } from "../../migration/result.ts";
import type { MigrateCommandOptions } from "../commands/migrate.ts";
import { machineName, placeOf } from "../format/machine.ts";
import type { Look, Session } from "../session.ts";
import { ownCommandLine, pairs } from "./command-line.ts";
import { failureLines } from "./failure.ts";
import { findingLines } from "./findings.ts";
import { planLines } from "./plan.ts";
import { noteLines, summaryLines } from "./summary.ts";

/** What the user asked for, as it was typed. */
export interface AskedMigration {
  readonly container: string;
  readonly target: string;
  readonly options: MigrateCommandOptions;
}

type Unsuccessful = Exclude<MigrationResult, { status: "migrated" | "planned" }>;

/** Tells people how a move ended: success on standard output, failure on standard error. */
export function printResult(result: MigrationResult, asked: AskedMigration, session: Session): void {
  const { outputLook, errorLook, verbose } = session;
  if (result.status === "migrated") {
    const { name = result.container, leaveSource } = asked.options;
    session.print(summaryLines(result, { name, leaveSource }, outputLook));
  } else if (result.status === "planned") {
    session.print(planLines(result, inEarnest(asked), outputLook));
  } else {
    session.printError(unsuccessfulLines(result, asked.options.strategy, verbose, errorLook));
  }
}

const headlines = {
  refused: "Refused",
  "rolled-back": "Not migrated, rolled back",
  stuck: "Not migrated, and the rollback is not complete",
} as const;

function unsuccessfulLines(result: Unsuccessful, asked: "auto" | Strategy, verbose: boolean, look: Look): string[] {
  const { status, error, notes, report, container, target } = result;
  const blockers =
    status === "refused" ? findingLines(report, [asked === "auto" ? memoryKeeping[0] : asked], ["blocker"], look) : [];
  if (blockers.length > 0 && !verbose) {
    // The error's message and remedy would only say the same again.
    return [
      ...blockers,
      look.style.red(`${look.symbols.cross} Refused: `) + look.style.bold(`${container} can't be moved to ${target}`),
      ...stateOf(result).map((text) => `  ${text}`),
    ];
  }
  return [
    ...failureLines(error, { headline: headlines[status], state: stateOf(result), verbose, look }),
    ...noteLines(notes, look),
  ];
}

/** How things stand after a move that did not come about. */
function stateOf(result: Unsuccessful): string[] {
  const { container, source, target } = result;
  const there = machineName(target);
  const runs = `${container} runs on ${machineName(source)} as before`;
  switch (result.status) {
    case "refused":
      return [`Nothing was changed, neither ${placeOf(source)} nor on ${there}.`];
    case "rolled-back":
      return result.remains.length === 0
        ? [`${runs}; nothing is left on ${there}.`]
        : [`${runs}, but this is left:`, ...result.remains, recoverLine(result)];
    case "stuck":
      return ["This is left:", ...result.remains, recoverLine(result)];
  }
}

function recoverLine({ id }: MigrationResult): string {
  return `When the cause is mended: ${ownCommandLine(["recover", id], {})}`;
}

/** The command line without `--dry-run`. */
function inEarnest({ container, target, options }: AskedMigration): string {
  const { name, leaveSource, healthCmd, timeout, targetEngine, sshConfig, emulator, config } = options;
  const { strategy, image, imageArchive, hookBefore, hookAfter } = options;
  return ownCommandLine(["migrate", container, target], {
    from: options.from,
    name,
    "leave-source": leaveSource === "removed" ? leaveSource : undefined,
    "health-cmd": healthCmd,
    timeout: timeout === undefined ? undefined : String(timeout),
    "target-engine": targetEngine,
    "ssh-config": sshConfig,
    emulator,
    config,
    strategy: strategy === "auto" ? undefined : strategy,
    "source-arch": options.sourceArch,
    "target-arch": options.targetArch,
    image,
    "image-archive": imageArchive,
    "hook-before": hookBefore,
    "hook-after": hookAfter,
    network: options.network,
    publish: options.publish,
    bind: options.bind && pairs(options.bind),
    "bind-exists": options.bindExists,
    device: options.device && pairs(options.device),
    "no-preserve-networking": !options.preserveNetworking,
    "no-preserve-volumes": !options.preserveVolumes,
    "no-rollback": !options.rollback,
  });
}
