import { memoryKeeping, type Strategy } from "../../compatibility/strategy.ts";
import { machineName, placeOf } from "../../host/words.ts";
import type { MigrationResult } from "../../migration/result.ts";
import type { MovedWords } from "../commands/group-words.ts";
import type { MigrateCommandOptions } from "../commands/migrate.ts";
import type { Look, Session } from "../session.ts";
import { ownCommandLine, pairs } from "./command-line.ts";
import { failureLines } from "./failure.ts";
import { findingLines } from "./findings.ts";
import { planLines } from "./plan.ts";
import { noteLines, notesOf, summaryLines } from "./summary.ts";

/** What the user asked for, as it was typed. */
export interface AskedMigration {
  readonly words: MovedWords & { readonly target: string };
  readonly options: MigrateCommandOptions;
}

type Unsuccessful = Exclude<MigrationResult, { status: "migrated" | "planned" }>;

/**
 * Tells people how a move ended, or how several together ended: success on standard output, failure on standard error.
 * @param results of each; all have one status
 */
export function printResult(results: readonly MigrationResult[], asked: AskedMigration, session: Session): void {
  const { outputLook, errorLook, verbose } = session;
  const moved = results.filter((result) => result.status === "migrated");
  const planned = results.filter((result) => result.status === "planned");
  const failed = results.filter((result) => result.status !== "migrated" && result.status !== "planned");
  const { name, leaveSource, strategy } = asked.options;
  if (moved.length > 0) session.print(summaryLines(moved, { name, leaveSource }, outputLook));
  if (planned.length > 0) session.print(planLines(planned, inEarnest(asked), outputLook));
  if (failed.length > 0) session.printError(unsuccessfulLines(failed, strategy, verbose, errorLook));
}

const headlines = {
  refused: "Refused",
  "rolled-back": "Not migrated, rolled back",
  stuck: "Not migrated, and the rollback is not complete",
} as const;

function unsuccessfulLines(results: readonly Unsuccessful[], asked: "auto" | Strategy, verbose: boolean, look: Look): string[] {
  const { status, error, target } = results[0]!;
  const refused = status === "refused" ? results : [];
  const blockers = refused.flatMap(({ container, report }) => {
    const lines = findingLines(report, [asked === "auto" ? memoryKeeping[0] : asked], ["blocker"], look);
    return results.length === 1 || lines.length === 0 ? lines : [look.style.bold(container), "", ...lines];
  });
  if (blockers.length > 0 && !verbose) {
    // The error's message and remedy would only say the same again.
    return [
      ...blockers,
      look.style.red(`${look.symbols.cross} Refused: `) + look.style.bold(`${namesOf(results)} can't be moved to ${target}`),
      ...stateOf(results).map((text) => `  ${text}`),
    ];
  }
  return [
    ...failureLines(error, { headline: headlines[status], state: stateOf(results), verbose, look }),
    ...noteLines(notesOf(results), look),
  ];
}

function namesOf(results: readonly MigrationResult[]): string {
  return results.map(({ container }) => container).join(", ");
}

/** How things stand after a move that did not come about. */
function stateOf(results: readonly Unsuccessful[]): string[] {
  const [first] = results as readonly [Unsuccessful];
  const there = machineName(first.target);
  const run = results.length === 1 ? "runs" : "run";
  const runs = `${namesOf(results)} ${run} on ${machineName(first.source)} as before`;
  switch (first.status) {
    case "refused":
      return [`Nothing was changed, neither ${placeOf(first.source)} nor on ${there}.`];
    case "rolled-back":
      return first.remains.length === 0
        ? [`${runs}; nothing is left on ${there}.`]
        : [`${runs}, but this is left:`, ...first.remains, recoverLine(first)];
    case "stuck":
      return ["This is left:", ...first.remains, recoverLine(first)];
  }
}

function recoverLine({ id }: MigrationResult): string {
  return `When the cause is mended: ${ownCommandLine(["recover", id], {})}`;
}

/** The command line without `--dry-run`. */
function inEarnest({ words: { containers, composeProject, target }, options }: AskedMigration): string {
  const { name, leaveSource, healthCmd, timeout, targetEngine, sshConfig, emulator, config } = options;
  const { strategy, image, imageArchive, hookBefore, hookAfter } = options;
  return ownCommandLine(["migrate", ...containers, target], {
    "compose-project": composeProject,
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
    "copy-shared": options.copyShared === true,
    device: options.device && pairs(options.device),
    "no-preserve-networking": !options.preserveNetworking,
    "no-preserve-volumes": !options.preserveVolumes,
    "no-rollback": !options.rollback,
  });
}
