import type { StepName } from "../events.ts";
import type { Arrival, Move } from "../move.ts";

/** Does a step for all members of a group. @returns what came of it for each, for people */
export type StepAction<M extends Arrival = Move> = (moves: readonly M[]) => Promise<readonly string[]>;

/** One step up to the commit: it is done for all members of a group before the next one begins. */
export interface PlannedStep<M extends Arrival = Move> {
  readonly step: StepName;
  readonly run: StepAction<M>;
}

/** For what is done for one member after the other. */
export function each<M extends Arrival>(run: (move: M) => Promise<string>): StepAction<M> {
  return async (moves) => {
    const outcomes: string[] = [];
    for (const move of moves) outcomes.push(await run(move));
    return outcomes;
  };
}

/** For what must be done for all members at the same time. If one fails, the others are waited for: what they make can be undone then. */
export function together<M extends Arrival>(run: (move: M) => Promise<string>): StepAction<M> {
  return async (moves) => {
    const settled = await Promise.allSettled(moves.map(run));
    const failed = settled.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return settled.map((outcome) => (outcome as PromiseFulfilledResult<string>).value);
  };
}
