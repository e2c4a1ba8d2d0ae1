import type { StepName } from "../events.ts";
import type { Arrival, Move } from "../move.ts";

/** One step up to the commit. */
export interface PlannedStep<M extends Arrival = Move> {
  readonly step: StepName;
  /** @returns what came of it, for people */
  run(move: M): Promise<string>;
}
