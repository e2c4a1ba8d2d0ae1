import type { MadeObject } from "../objects/made-object.ts";
import type { Expectation } from "../validation/expectation.ts";
import type { BeginEntry, EndEntry, ErrorRecord, JournalEntry } from "./entry.ts";

/** What a journal tells of its move. */
export interface MoveRecord {
  readonly id: string;
  readonly begin: BeginEntry;
  /** ISO 8601. */
  readonly begunAt: string;
  /** When the last entry was written. */
  readonly updatedAt: string;
  /** The steps that were begun, in their order. */
  readonly steps: readonly { readonly step: string; readonly at: string }[];
  /** What was made (or was about to be) and is not undone, in the order in which it was made. */
  readonly made: readonly MadeObject[];
  readonly expectation: Expectation | undefined;
  /** Of a group: whether its first journal says so. */
  readonly committed: boolean;
  /** Why it was being undone. */
  readonly rollback: ErrorRecord | undefined;
  /** Why a rollback could not be completed, and what is left. */
  readonly stuck: { readonly error: ErrorRecord | undefined; readonly remains: readonly string[] } | undefined;
  /** Undefined: the move is under way, or was interrupted. */
  readonly end: EndEntry | undefined;
}

export type TimedEntry = JournalEntry & { readonly time: string };

/** @returns undefined when the journal does not even tell what the move was: then nothing was made */
export function recordOf(id: string, entries: readonly TimedEntry[]): MoveRecord | undefined {
  const [begin] = entries;
  if (begin?.kind !== "begin") return undefined;
  const key = (object: MadeObject): string => JSON.stringify(object);
  // By their order: what was undone may be made again.
  const made = new Map<string, MadeObject>();
  for (const entry of entries) {
    if (entry.kind === "object") made.set(key(entry.object), entry.object);
    if (entry.kind === "undone") made.delete(key(entry.object));
  }
  return {
    id,
    begin,
    begunAt: begin.time,
    updatedAt: entries.at(-1)!.time,
    steps: entries.flatMap((entry) => (entry.kind === "step" ? [{ step: entry.step, at: entry.time }] : [])),
    made: [...made.values()],
    expectation: entries.findLast((entry) => entry.kind === "expected")?.expectation,
    committed: entries.some(({ kind }) => kind === "committed"),
    rollback: entries.findLast((entry) => entry.kind === "rollback")?.error,
    stuck: entries.findLast((entry) => entry.kind === "stuck"),
    end: entries.findLast((entry) => entry.kind === "end"),
  };
}
