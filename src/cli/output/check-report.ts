import { findingsFor } from "../../compatibility/report.ts";
import { memoryKeeping, type Strategy } from "../../compatibility/strategy.ts";
import { chooseStrategy } from "../../migration/choose-strategy.ts";
import type { MemberReport } from "../../migration/index.ts";
import type { Look } from "../session.ts";
import { type OptionValue, ownCommandLine } from "./command-line.ts";
import { findingLines } from "./findings.ts";
import { verdictLines } from "./verdicts.ts";

export interface CheckedMove {
  /** What is moved, for people. */
  readonly name: string;
  /** As they were typed. */
  readonly containers: readonly string[];
  readonly target: string | undefined;
  readonly strategy: "auto" | Strategy;
  /** The options to give again, by their names. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** What `check` found of each, what follows from it, and what to do next. */
export function checkReportLines(members: readonly MemberReport[], move: CheckedMove, look: Look): string[] {
  const { name, containers, target, strategy, options } = move;
  const reports = members.map(({ report }) => report);
  const chosen = chooseStrategy(strategy, ...reports);
  const wanted = chosen === undefined ? wantedStrategies(strategy) : [chosen];
  const shown = members.flatMap(({ container, report }) => [
    ...(members.length === 1 ? [] : [look.style.bold(container), ""]),
    ...findingLines(report, wanted, ["blocker", "warning", "info"], look),
    ...verdictLines(report, look),
  ]);
  const asked = { strategy: strategy === "auto" ? undefined : strategy };
  const again = ownCommandLine(["check", ...containers, ...(target === undefined ? [] : [target])], { ...options, ...asked });
  const by = strategy === "auto" ? "" : ` by ${strategy}`;
  if (chosen === undefined) {
    const blockers = reports
      .flatMap((report) => findingsFor(report, wanted))
      .filter(({ severity }) => severity === "blocker").length;
    const where = target === undefined ? "" : ` to ${target}`;
    return [
      ...shown,
      look.style.red(
        `${look.symbols.cross} ${name} can't be moved${where}${by}: ${blockers} blocker${blockers === 1 ? "" : "s"}.`,
      ),
      `Next: follow the remedies above, then run this again: ${again}`,
    ];
  }
  if (target === undefined) {
    return [
      ...shown,
      look.style.green(`${look.symbols.tick} ${name} can be moved${by}, as far as its machine goes.`),
      `Next: check it with a target: ${ownCommandLine(["check", ...containers], { ...options, ...asked })} ssh://[user@]host`,
    ];
  }
  const { "source-arch": _source, "target-arch": _target, ...ofMove } = options;
  return [
    ...shown,
    look.style.green(`${look.symbols.tick} ${name} can be moved to ${target}${by}.`),
    `Next: ${ownCommandLine(["migrate", ...containers, target], { ...ofMove, ...asked })}`,
  ];
}

function wantedStrategies(strategy: "auto" | Strategy): readonly Strategy[] {
  return strategy === "auto" ? memoryKeeping : [strategy];
}
