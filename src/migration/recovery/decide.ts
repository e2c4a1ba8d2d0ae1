import type { ErrorCode } from "../../errors.ts";
import type { BeginEntry } from "../journal/entry.ts";
import type { MoveRecord } from "../journal/move-record.ts";

/** How the source's container stands. */
export type SourceState =
  /** It has the memory that the move froze (or was about to freeze): it is frozen, or goes on. */
  | "alive"
  /** Its processes are gone: it was stopped, removed, or started again since the move began. */
  | "lost";

/** How the target's copy stands. */
export type CopyState =
  | "none"
  /** Made, and it does not run. */
  | "idle"
  /** It runs, and every thread of the program is in place. */
  | "running"
  /** It runs, but the program has not gone on (yet). */
  | "unfinished"
  | "unreachable";

export interface Findings {
  readonly source: SourceState;
  readonly copy: CopyState;
  /** Whether the user wants the container back on the source, if that can be. */
  readonly preferSource: boolean;
}

export type Decision =
  /** The move goes back: the copy is removed, the source goes on. */
  | "roll-back"
  /** The move goes forward: the copy is validated, then the source's is ended. */
  | "finish"
  /** The move was committed: only what is left to do is done. */
  | "complete"
  /** Nothing that is safe can be done until the target can be reached. */
  | "wait";

/** After these a copy that has gone on may be as good as it was: only the way to it was lost. */
const lostTouch: readonly ErrorCode[] = ["target-unreachable", "engine-unavailable", "engine-request-failed", "command-failed"];

/** What brings an interrupted move to exactly one container. */
export function decide(
  move: Pick<MoveRecord, "committed" | "steps" | "rollback"> & { readonly begin: Pick<BeginEntry, "operation"> },
  { source, copy, preferSource }: Findings,
): Decision {
  if (move.begin.operation === "restore") return decideRestore(move, copy);
  const mayRun = move.steps.some(({ step }) => step === "start");
  if (copy === "unreachable") return mayRun ? "wait" : "roll-back";
  const runs = copy === "running";
  // The source's memory is given up only for a copy that runs.
  if (move.committed) return source === "alive" && !runs ? "roll-back" : "complete";
  if (!runs) return "roll-back";
  if (source === "lost") return "finish";
  const undoing = move.rollback !== undefined && !lostTouch.some((code) => code === move.rollback?.code);
  // The copy has gone on, so it is ahead of the frozen source: going back would lose what it has done since.
  return undoing || preferSource ? "roll-back" : "finish";
}

/** A restore takes nothing from anybody: before its commit it can always be begun again from the archive. */
function decideRestore({ committed, rollback }: Pick<MoveRecord, "committed" | "rollback">, copy: CopyState): Decision {
  if (copy === "unreachable") return "wait";
  return committed && rollback === undefined ? "complete" : "roll-back";
}
