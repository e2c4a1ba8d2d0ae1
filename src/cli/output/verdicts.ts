import { findingsFor, type Report } from "../../compatibility/report.ts";
import { automaticStrategy, type Strategy, strategies } from "../../compatibility/strategy.ts";
import type { Look } from "../session.ts";

const width = Math.max(...strategies.map(({ length }) => length));

/** One line for each strategy: whether it can be had, and what it means. */
export function verdictLines(report: Report, { style, symbols }: Look): string[] {
  const taken = automaticStrategy(report.verdicts);
  const lines = strategies.map((strategy) => {
    const isReady = report.verdicts[strategy] === "ready";
    const sign = isReady ? style.green(symbols.tick) : style.red(symbols.cross);
    return `  ${sign} ${strategy.padEnd(width)}  ${isReady ? readyWords(strategy, taken) : blockedWords(report, strategy)}`;
  });
  return [style.bold("Strategies"), ...lines, ""];
}

function readyWords(strategy: Strategy, taken: Strategy | undefined): string {
  if (strategy === "replatform") return "ready, with --strategy replatform: it starts anew, and what is in memory is lost";
  return strategy === taken ? "ready: what `migrate` takes by itself" : "ready";
}

function blockedWords(report: Report, strategy: Strategy): string {
  const [first, ...more] = findingsFor(report, [strategy]).filter(({ severity }) => severity === "blocker");
  return `blocked: ${first?.seen} (${first?.rule})${more.length === 0 ? "" : `, and ${more.length} more`}`;
}
