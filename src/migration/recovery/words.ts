import { machineName } from "../../host/words.ts";
import type { BeginEntry } from "../journal/entry.ts";
import type { MoveRecord } from "../journal/move-record.ts";
import type { Decision } from "./decide.ts";

/** The source's machine as people read it. */
export function sourceOf({ source = "local" }: BeginEntry): string {
  return machineName(source);
}

/** What was decided of a move, for people. */
export const words: Readonly<Record<Decision, (move: MoveRecord) => string>> = {
  "roll-back": ({ begin }) => `going back: ${begin.container} stays on ${sourceOf(begin)}`,
  finish: ({ begin }) => `going forward: the copy on ${begin.target} has gone on`,
  complete: ({ begin }) => `the move was committed: ${begin.target} has the container`,
  wait: ({ begin }) => `${begin.target} can't be reached, and its copy may run`,
};

/** The same of a restore. */
export const restoreWords: typeof words = {
  ...words,
  "roll-back": ({ begin }) => `going back: what was made on ${begin.target} is removed; the archive is as it was`,
  complete: ({ begin }) => `the restore was committed: ${begin.target} has the container`,
  wait: ({ begin }) => `${begin.target} can't be reached, and ${begin.name} may run there`,
};
