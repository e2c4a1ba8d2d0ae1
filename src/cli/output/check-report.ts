import { findingsFor, type Report } from "../../compatibility/report.ts";
import { automaticStrategy, memoryKeeping, type Strategy } from "../../compatibility/strategy.ts";
import type { Look } from "../session.ts";
import { type OptionValue, ownCommandLine } from "./command-line.ts";
import { findingLines } from "./findings.ts";
import { verdictLines } from "./verdicts.ts";

export interface CheckedMove {
  readonly container: string;
  readonly target: string | undefined;
  readonly strategy: "auto" | Strategy;
  /** The options to give again, by their names. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** What `check` found, what follows from it, and what to do next. */
export function checkReportLines(report: Report, { container, target, strategy, options }: CheckedMove, look: Look): string[] {
  const chosen = chosenStrategy(report, strategy);
  const wanted = chosen === undefined ? wantedStrategies(strategy) : [chosen];
  const shown = [...findingLines(report, wanted, ["blocker", "warning", "info"], look), ...verdictLines(report, look)];
  const asked = { strategy: strategy === "auto" ? undefined : strategy };
  const again = ownCommandLine(["check", container, ...(target === undefined ? [] : [target])], { ...options, ...asked });
  const by = strategy === "auto" ? "" : ` by ${strategy}`;
  if (chosen === undefined) {
    const blockers = findingsFor(report, wanted).filter(({ severity }) => severity === "blocker").length;
    const where = target === undefined ? "" : ` to ${target}`;
    return [
      ...shown,
      look.style.red(
        `${look.symbols.cross} ${container} can't be moved${where}${by}: ${blockers} blocker${blockers === 1 ? "" : "s"}.`,
      ),
      `Next: follow the remedies above, then run this again: ${again}`,
    ];
  }
  if (target === undefined) {
    return [
      ...shown,
      look.style.green(`${look.symbols.tick} ${container} can be moved${by}, as far as its machine goes.`),
      `Next: check it with a target: ${ownCommandLine(["check", container], { ...options, ...asked })} ssh://[user@]host`,
    ];
  }
  const { "source-arch": _source, "target-arch": _target, ...ofMove } = options;
  return [
    ...shown,
    look.style.green(`${look.symbols.tick} ${container} can be moved to ${target}${by}.`),
    `Next: ${ownCommandLine(["migrate", container, target], { ...ofMove, ...asked })}`,
  ];
}

/** The strategy that a move would take; undefined when none that is wanted is ready. */
export function chosenStrategy({ verdicts }: Report, strategy: "auto" | Strategy): Strategy | undefined {
  if (strategy === "auto") return automaticStrategy(verdicts);
  return verdicts[strategy] === "ready" ? strategy : undefined;
}

function wantedStrategies(strategy: "auto" | Strategy): readonly Strategy[] {
  return strategy === "auto" ? memoryKeeping : [strategy];
}
