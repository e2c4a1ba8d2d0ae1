import type { Strategy } from "../src/compatibility/strategy.ts";
import type { JournalEntry } from "../src/migration/journal/entry.ts";

/** How and where to a container is moved. */
export const ways = {
  resume: { strategy: "resume", machine: "x86" },
  restore: { strategy: "restore", machine: "x86" },
  "resume-arm64": { strategy: "resume", machine: "arm64" },
} as const satisfies Record<string, { strategy: Strategy; machine: "x86" | "arm64" }>;
export type Way = keyof typeof ways;

/**
 * - `kill`: the tool gets SIGKILL.
 * - `cut`: the link to the target breaks and stays broken until the tool has ended.
 * - `stop-engine`: the target's dockerd is stopped, and with it its containers, until the tool has ended.
 */
export const faults = ["kill", "cut", "stop-engine"] as const;
export type Fault = (typeof faults)[number];

/** Where a fault strikes: right after an entry is in the journal and before what it announces, or after a step. */
export interface Point {
  readonly when: "before" | "after";
  /** `step freeze`, `object container`, `committed`. */
  readonly what: string;
}

export interface FaultCase {
  readonly way: Way;
  readonly fault: Fault;
  readonly point: Point;
}

/** What an entry of the journal is called in the table. */
export function nameOf(entry: JournalEntry): string {
  if (entry.kind === "step") return `step ${entry.step}`;
  return entry.kind === "object" ? `object ${entry.object.object}` : entry.kind;
}

/**
 * All cases of a way: the tool is killed before and after everything that the journal of an undisturbed move tells; the link is cut
 * and the engine stopped in each step.
 * @param entries names of the entries of an undisturbed move's journal, in their order
 */
export function casesOf(way: Way, entries: readonly string[]): FaultCase[] {
  const steps = entries.filter((name) => name.startsWith("step "));
  const before = (what: string): Point => ({ when: "before", what });
  const kills = entries.flatMap((what): Point[] =>
    what.startsWith("step ") ? [before(what), { when: "after", what }] : [before(what)],
  );
  return [
    ...kills.map((point) => ({ way, fault: "kill" as const, point })),
    ...steps.map((what) => ({ way, fault: "cut" as const, point: before(what) })),
    ...steps.map((what) => ({ way, fault: "stop-engine" as const, point: before(what) })),
  ];
}
