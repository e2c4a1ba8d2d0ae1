import { MigrationError, messageOf } from "../errors.ts";
import type { StepName } from "./events.ts";
import { type Arrival, containerName } from "./move.ts";
import type { StepResult } from "./result.ts";
import type { StepAction } from "./strategies/planned-step.ts";

/** What each step is called for people, while it runs. */
const titles: Readonly<Record<StepName, string>> = {
  open: "Opening and checking the archive",
  "prepare-target": "Preparing the target",
  "measure-link": "Measuring the link",
  "send-image": "Sending missing image layers",
  create: "Creating the container on the target",
  "copy-volumes": "Copying volumes and logs while the container runs",
  "hook-before": "Running the hook before the freeze",
  freeze: "Freezing the container",
  dump: "Dumping its processes",
  compile: "Compiling the resume program",
  package: "Packaging memory and writable layer",
  send: "Sending the package",
  verify: "Verifying it on the target",
  apply: "Applying the writable layer",
  "sync-volumes": "Copying what has changed in volumes and logs",
  start: "Starting on the target",
  "hook-after": "Running the hook after the start",
  validate: "Validating",
  commit: "Committing",
  clean: "Cleaning up",
};

/** Runs steps one after the other, each for all moves of a group: journals, events, durations, cancellation between them. */
export class StepRunner<M extends Arrival> {
  readonly #moves: readonly M[];
  readonly #steps: readonly StepName[];
  readonly #results = new Map<StepName, StepResult>();

  /** @param steps all that the moves have, in their order */
  constructor(moves: readonly M[], steps: readonly StepName[]) {
    this.#moves = moves;
    this.#steps = steps;
  }

  get results(): StepResult[] {
    return this.#steps.map((step) => this.#results.get(step) ?? { step, status: "not-run", durationMs: 0 });
  }

  /** @throws MigrationError whatever the step throws, as one; `cancelled` when the move was cancelled meanwhile */
  run(step: StepName, action: StepAction<M>): Promise<void> {
    return this.#run(step, action, this.#moves[0]!.signal);
  }

  /** As `run`, for what must not be cancelled any more. */
  runToTheEnd(step: StepName, action: StepAction<M>): Promise<void> {
    return this.#run(step, action, undefined);
  }

  async #run(step: StepName, action: StepAction<M>, signal: AbortSignal | undefined): Promise<void> {
    const moves = this.#moves;
    const begin = performance.now();
    const emit: Arrival["emit"] = (event) => {
      for (const move of moves) move.emit(event);
    };
    emit({ type: "step-started", step, title: titles[step] });
    try {
      throwIfCancelled(signal);
      for (const { journal } of moves) await journal.write({ kind: "step", step });
      const outcomes = await action(moves);
      await moves[0]!.afterStep?.(step);
      throwIfCancelled(signal);
      const durationMs = performance.now() - begin;
      this.#results.set(step, { step, status: "done", durationMs });
      emit({ type: "step-finished", step, durationMs, outcome: describe(moves, outcomes) });
    } catch (thrown) {
      const error = asMigrationError(thrown, signal);
      this.#results.set(step, { step, status: "failed", durationMs: performance.now() - begin });
      emit({ type: "step-failed", step, error });
      throw error;
    }
  }
}

/** What came of a step; where it is not the same for all containers, with their names. */
function describe(moves: readonly Arrival[], outcomes: readonly string[]): string {
  const [first = ""] = outcomes;
  if (outcomes.every((outcome) => outcome === first)) return first;
  return outcomes.map((outcome, index) => `${containerName(moves[index]!)}: ${outcome}`).join("; ");
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}

function cancelled(signal: AbortSignal): MigrationError {
  const reason: unknown = signal.reason;
  if (reason instanceof MigrationError) return reason;
  return new MigrationError("cancelled", "the move was cancelled", { remedy: "Nothing needs to be done.", cause: reason });
}

/** Everything that a step throws becomes one kind of error; what it threw because of the cancellation becomes the cancellation. */
export function asMigrationError(thrown: unknown, signal: AbortSignal | undefined): MigrationError {
  if (signal?.aborted === true) return cancelled(signal);
  if (thrown instanceof MigrationError) return thrown;
  const full = thrown instanceof Error && "code" in thrown && thrown.code === "ENOSPC";
  return full
    ? new MigrationError("no-space", `the disk of this machine is full: ${messageOf(thrown)}`, {
        host: "local",
        remedy: "Free some space, then try again.",
        cause: thrown,
      })
    : new MigrationError("command-failed", messageOf(thrown), { cause: thrown });
}
