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

/** A move, and what was found of it. */
export interface Judged extends Findings {
  readonly move: Pick<MoveRecord, "committed" | "steps" | "rollback" | "end"> & { readonly begin: Pick<BeginEntry, "operation"> };
}

/**
 * What brings interrupted moves to exactly one container each: those of a group alike, all forward or all back. Only one whose copy has ended
 * after the commit, when another's source was ended already, goes back alone, for its memory is there and nowhere else.
 * @param moves all of a group, those too that have ended; as a rule one
 */
export function decide(moves: readonly Judged[]): Decision[] {
  const [{ move: first }] = moves as readonly [Judged];
  const all = (decision: Decision) => moves.map(() => decision);
  if (first.begin.operation === "restore") return moves.map(({ move, copy }) => decideRestore(move, copy));
  if (moves.some(({ copy }) => copy === "unreachable")) {
    return all(moves.some(({ move }) => move.steps.some(({ step }) => step === "start")) ? "wait" : "roll-back");
  }
  if (moves.some(({ move }) => move.end?.status === "rolled-back")) return all("roll-back");
  const run = moves.every(({ copy }) => copy === "running");
  const isLost = moves.some(({ source }) => source === "lost");
  // The source's memory is given up only for a copy that runs.
  if (first.committed) {
    if (!isLost) return all(run ? "complete" : "roll-back");
    return moves.map(({ source, copy }) => (source === "alive" && copy !== "running" ? "roll-back" : "complete"));
  }
  if (!run) return all("roll-back");
  if (isLost) return all("finish");
  const undoing = moves.some(
    ({ move: { rollback } }) => rollback !== undefined && !lostTouch.some((code) => code === rollback.code),
  );
  // The copies have gone on, so they are ahead of the frozen source: going back would lose what they have done since.
  return all(undoing || moves.some(({ preferSource }) => preferSource) ? "roll-back" : "finish");
}

/** A restore takes nothing from anybody: before its commit it can always be begun again from the archive. */
function decideRestore({ committed, rollback }: Pick<MoveRecord, "committed" | "rollback">, copy: CopyState): Decision {
  if (copy === "unreachable") return "wait";
  return committed && rollback === undefined ? "complete" : "roll-back";
}
