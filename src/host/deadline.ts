import { MigrationError } from "../errors.ts";

/** Milliseconds within which a machine must have told what it is: three times what the slowest was seen to need, an emulated one with a load of 8. */
export const readingMs = 90_000;

export interface DeadlineOptions {
  /** The machine that is waited for. */
  readonly host: string;
  /** What is waited for: `telling what it is`. */
  readonly what: string;
  /** Milliseconds. */
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for work on a machine, but not for ever: what hangs there (a stuck disk, an engine that does not answer) must not keep
 * the user waiting without a word. The work's signal is aborted then, but not waited for.
 * @throws MigrationError `target-unreachable` with `details.reason` `timed-out`; what the work throws
 */
export async function withDeadline<Value>(
  { host, what, ms, signal }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new MigrationError("target-unreachable", `${what} took longer than ${ms / 1000} s`, {
      host,
      remedy: "See what hangs there: its load, its disks, its Docker (`docker info`).",
      details: { reason: "timed-out" },
    });
    late.reject(error);
    controller.abort(error);
  }, ms);
  try {
    const both = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
    return await Promise.race([work(both), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
