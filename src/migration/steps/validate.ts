import type { Arrival } from "../move.ts";
import { validateCopy } from "../validation/validate-copy.ts";

/** Looks whether what runs on the target is what was frozen on the source. */
export async function validate(move: Arrival): Promise<string> {
  const { target, options, signal } = move;
  const { outcome, notes } = await validateCopy(target, move.targetContainerId!, {
    expectation: move.expectation!,
    healthCommand: options.healthCommand,
    signal,
  });
  move.notes.push(...notes);
  move.runningAt = performance.now();
  return outcome;
}
