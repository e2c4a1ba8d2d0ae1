import { MigrationError, messageOf } from "../errors.ts";
import type { StepName } from "./events.ts";
import type { Arrival } from "./move.ts";
import type { StepResult } from "./result.ts";

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

/** Runs steps one after the other: journal, events, durations, cancellation between them. */
export class StepRunner<M extends Arrival> {
  readonly #move: M;
  readonly #steps: readonly StepName[];
  readonly #results = new Map<StepName, StepResult>();

  /** @param steps all that the move has, in their order */
  constructor(move: M, steps: readonly StepName[]) {
    this.#move = move;
    this.#steps = steps;
  }

  get results(): StepResult[] {
    return this.#steps.map((step) => this.#results.get(step) ?? { step, status: "not-run", durationMs: 0 });
  }

  /** @throws MigrationError whatever the step throws, as one; `cancelled` when the move was cancelled meanwhile */
  run(step: StepName, action: (move: M) => Promise<string>): Promise<void> {
    return this.#run(step, action, this.#move.signal);
  }

  /** As `run`, for what must not be cancelled any more. */
  runToTheEnd(step: StepName, action: (move: M) => Promise<string>): Promise<void> {
    return this.#run(step, action, undefined);
  }

  async #run(step: StepName, action: (move: M) => Promise<string>, signal: AbortSignal | undefined): Promise<void> {
    const { emit, journal, afterStep } = this.#move;
    const begin = performance.now();
    emit({ type: "step-started", step, title: titles[step] });
    try {
      throwIfCancelled(signal);
      await journal.write({ kind: "step", step });
      const outcome = await action(this.#move);
      await afterStep?.(step);
      throwIfCancelled(signal);
      const durationMs = performance.now() - begin;
      this.#results.set(step, { step, status: "done", durationMs });
      emit({ type: "step-finished", step, durationMs, outcome });
    } catch (thrown) {
      const error = asMigrationError(thrown, signal);
      this.#results.set(step, { step, status: "failed", durationMs: performance.now() - begin });
      emit({ type: "step-failed", step, error });
      throw error;
    }
  }
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
