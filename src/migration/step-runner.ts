import { MigrationError, messageOf } from "../errors.ts";
import { type StepName, stepNames } from "./events.ts";
import type { Move } from "./move.ts";
import type { StepResult } from "./result.ts";

/** What each step is called for people, while it runs. */
const titles: Readonly<Record<StepName, string>> = {
  "prepare-target": "Preparing the target",
  "send-image": "Sending missing image layers",
  create: "Creating the container on the target",
  freeze: "Freezing the container",
  dump: "Dumping its processes",
  compile: "Compiling the resume program",
  package: "Packaging memory and writable layer",
  send: "Sending the package",
  verify: "Verifying it on the target",
  apply: "Applying the writable layer",
  start: "Resuming on the target",
  validate: "Validating",
  commit: "Committing",
  clean: "Cleaning up",
};

/** What a step returns: what came of it, for people, perhaps with something for the steps after it. */
type Outcome = string | { readonly outcome: string };

/** Runs steps one after the other: journal, events, durations, cancellation between them. */
export class StepRunner {
  readonly #move: Move;
  readonly #results = new Map<StepName, StepResult>();

  constructor(move: Move) {
    this.#move = move;
  }

  get results(): StepResult[] {
    return stepNames.map((step) => this.#results.get(step) ?? { step, status: "not-run", durationMs: 0 });
  }

  /** @throws MigrationError whatever the step throws, as one; `cancelled` when the move was cancelled meanwhile */
  run<Result extends Outcome>(step: StepName, action: (move: Move) => Promise<Result>): Promise<Result> {
    return this.#run(step, action, this.#move.signal);
  }

  /** As `run`, for what must not be cancelled any more. */
  runToTheEnd<Result extends Outcome>(step: StepName, action: (move: Move) => Promise<Result>): Promise<Result> {
    return this.#run(step, action, undefined);
  }

  async #run<Result extends Outcome>(
    step: StepName,
    action: (move: Move) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const { emit, journal, afterStep } = this.#move;
    const begin = performance.now();
    emit({ type: "step-started", step, title: titles[step] });
    try {
      throwIfCancelled(signal);
      await journal.write({ kind: "step", step });
      const result = await action(this.#move);
      await afterStep?.(step);
      throwIfCancelled(signal);
      const durationMs = performance.now() - begin;
      this.#results.set(step, { step, status: "done", durationMs });
      emit({ type: "step-finished", step, durationMs, outcome: typeof result === "string" ? result : result.outcome });
      return result;
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
