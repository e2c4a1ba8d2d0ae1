import { quoteCommand } from "../../host/quote.ts";
import { type StepName, stepNames } from "../../migration/events.ts";
import { machineName } from "../format/machine.ts";

export interface EndedMove {
  readonly container: string;
  readonly target: string;
  /** The name on the target. */
  readonly name: string;
  /** The last step that was begun. */
  readonly step: StepName;
}

/** What may be left of a move that was ended by force in this step, and what to do about it. */
export function leftBehindLines({ container, target, name, step }: EndedMove): string[] {
  const there = machineName(target);
  const look = `Look at both machines: ${quoteCommand(["docker", "ps", "--all"])}`;
  if (!isBefore(step, "commit")) {
    return [
      `The move was being completed: ${name} on ${there} runs and is the container now.`,
      `Don't let ${container} here go on or start it again: there would be two.`,
      look,
    ];
  }
  if (isBefore(step, "create")) return [`${container} runs here as before. Parts of its image may be left on ${there}.`];
  const remove = `The container ${name} may be left on ${there}. Remove it there: ${quoteCommand(["docker", "rm", "--force", name])}`;
  if (isBefore(step, "freeze")) return [`${container} runs here as before.`, remove];
  return [
    remove,
    ...(isBefore(step, "start") ? [] : ["It may run, and only one may: be sure that it is gone before the next command."]),
    `${container} may be frozen here. Let it go on: ${quoteCommand(["docker", "unpause", container])}`,
    look,
  ];
}

/** Whether a step comes before another. */
export function isBefore(step: StepName, other: StepName): boolean {
  return stepNames.indexOf(step) < stepNames.indexOf(other);
}
