import { styleText } from "node:util";
import { type ConformanceProgram, type Way, ways } from "./catalogue.ts";
import type { Outcome } from "./outcome.ts";
import type { Outcomes } from "./run-program.ts";

export interface Row {
  readonly program: ConformanceProgram;
  readonly outcomes: Outcomes;
}

export const wayTitles: Readonly<Record<Way, string>> = { criu: "CRIU", native: "native", arm64: "ARM64" };
const signs = { passed: "✔", failed: "✘", refused: "refused", unavailable: "–" } as const;

/**
 * What is wrong with a row, for people: a way that does not do what CRIU does, without an exception that tells users why;
 * or an exception that is none.
 */
export function problemsOf({ program, outcomes }: Row): string[] {
  return ways.flatMap((way) => {
    const outcome = outcomes[way];
    // What CRIU itself can't restore is nothing to be measured by.
    if (way === "criu" || outcome === undefined || outcome.kind === "unavailable") return [];
    const exception = program.exceptions[way];
    const loss = program.losses[way];
    const told = exception ?? loss;
    if (outcome.kind === "passed") return told === undefined ? [] : [`${way}: passes, though it is excepted: ${told}`];
    if (loss !== undefined && outcome.kind === "failed") return [];
    if (exception !== undefined && outcome.kind === "refused") return [];
    return [`${way}: ${outcome.kind}: ${outcome.why}`];
  });
}

export function formatRow(row: Row): string {
  const cells = ways.map((way) => (row.outcomes[way] === undefined ? "" : signs[row.outcomes[way].kind]).padEnd(9));
  return `${row.program.name.padEnd(34)} ${cells.join("")} ${row.program.claim}`.trimEnd();
}

export function formatHead(): string {
  return `${"program".padEnd(34)} ${ways.map((way) => wayTitles[way].padEnd(9)).join("")} what it shows`;
}

/** Why cells are not a tick. */
export function formatReasons({ program, outcomes }: Row): string[] {
  return ways.flatMap((way) => {
    const outcome: Outcome | undefined = outcomes[way];
    return outcome === undefined || outcome.kind === "passed"
      ? []
      : [`  ${program.name}, ${wayTitles[way]}: ${outcome.kind}: ${outcome.why}`];
  });
}

export function formatSummary(rows: readonly Row[]): string {
  const counts = ways.map((way) => {
    const outcomes = rows.flatMap(({ outcomes }) => outcomes[way] ?? []);
    const of = (kind: Outcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind).length;
    return `${wayTitles[way].padEnd(7)} ${of("passed")} passed, ${of("refused")} refused, ${of("failed")} failed, ${of("unavailable")} not to be had here`;
  });
  return counts.join("\n");
}

export const emphasize = (text: string): string => styleText("bold", text);
