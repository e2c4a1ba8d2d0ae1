import { machineName, placeOf } from "../../host/words.ts";
import { type StepName, stepNames } from "../../migration/events.ts";
import { ownCommandLine } from "./command-line.ts";

export interface EndedMove {
  /** What was moved, for people. */
  readonly name: string;
  /** As they were typed: what `recover` is told. None: it looks for all. */
  readonly containers: readonly string[];
  readonly source: string;
  readonly target: string;
  /** The last step that was begun. */
  readonly step: StepName;
}

/** What may be left of a move that was ended by force in this step, and what to do about it. */
export function leftBehindLines({ name, containers, source, target, step }: EndedMove): string[] {
  const there = machineName(target);
  const next = `Run this now: ${ownCommandLine(["recover", ...containers], {})}`;
  if (!isBefore(step, "commit")) {
    return [
      `The move was being completed: ${name} runs on ${there}.`,
      `Don't let the one ${placeOf(source)} go on or start it again: there would be two.`,
      next,
    ];
  }
  if (isBefore(step, "freeze")) return [`${name} runs ${placeOf(source)} as before. Something may be left on ${there}.`, next];
  return [
    `${name} may be frozen ${placeOf(source)}${isBefore(step, "start") ? "" : `, and its copy may run on ${there}`}.`,
    next,
  ];
}

/** Whether a step comes before another. */
export function isBefore(step: StepName, other: StepName): boolean {
  return stepNames.indexOf(step) < stepNames.indexOf(other);
}
