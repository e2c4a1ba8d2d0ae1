import { type Strategy, strategies, type Verdicts } from "./strategy.ts";

export type { Strategy, Verdict, Verdicts } from "./strategy.ts";

/** `blocker`: the move would fail or lose something; `warning`: it works, but the user should know; `info`: a fact. */
export type Severity = "blocker" | "warning" | "info";

/** One thing that was found, and what it means for a move. */
export interface Finding {
  /** The rule's name: `container.running`, `target.emulator`. Explained in docs/compatibility.md. */
  readonly rule: string;
  /** The gravest that it is for any strategy. */
  readonly severity: Severity;
  /** The strategies that it stands in the way of. Empty unless it is a blocker. */
  readonly blocks: readonly Strategy[];
  /** All strategies that it is about. To those that a blocker does not block it is a warning. */
  readonly concerns: readonly Strategy[];
  /** The machine on which it was seen. */
  readonly host: string;
  /** What was seen. */
  readonly seen: string;
  /** Why it matters. */
  readonly why: string;
  /** What the user can do. Absent for mere facts. */
  readonly remedy?: string;
}

export interface Report {
  /** What is worst comes first. */
  readonly findings: readonly Finding[];
  /** Whether each strategy can be tried: nothing blocks it. */
  readonly verdicts: Verdicts;
  /** The names of the rules that block each strategy. */
  readonly blockers: Readonly<Record<Strategy, readonly string[]>>;
}

const order: readonly Severity[] = ["blocker", "warning", "info"];

/** Sorts the findings and draws the verdicts from them. */
export function reportOf(findings: readonly Finding[]): Report {
  const blocking = (strategy: Strategy) => [
    ...new Set(findings.filter(({ blocks }) => blocks.includes(strategy)).map(({ rule }) => rule)),
  ];
  const forEach = <Value>(of: (strategy: Strategy) => Value) =>
    Object.fromEntries(strategies.map((strategy) => [strategy, of(strategy)])) as Record<Strategy, Value>;
  return {
    findings: findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)),
    verdicts: forEach((strategy) => (blocking(strategy).length === 0 ? "ready" : "blocked")),
    blockers: forEach(blocking),
  };
}

/** What a finding is to any of these strategies; undefined when it is not about them. */
export function severityFor({ severity, blocks, concerns }: Finding, wanted: readonly Strategy[]): Severity | undefined {
  if (!wanted.some((strategy) => concerns.includes(strategy))) return;
  return severity !== "blocker" || wanted.some((strategy) => blocks.includes(strategy)) ? severity : "warning";
}

/** The findings as they are to these strategies; those about others only are left out. */
export function findingsFor({ findings }: Pick<Report, "findings">, wanted: readonly Strategy[]): Finding[] {
  return findings
    .flatMap((finding) => {
      const severity = severityFor(finding, wanted);
      return severity === undefined ? [] : [{ ...finding, severity }];
    })
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
