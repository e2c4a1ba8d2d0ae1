import type { StepName } from "../events.ts";
import type { Move } from "../move.ts";

/** One step up to the commit. */
export interface PlannedStep {
  readonly step: StepName;
  /** @returns what came of it, for people */
  run(move: Move): Promise<string>;
}
