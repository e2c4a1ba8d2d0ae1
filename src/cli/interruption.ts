import { MigrationError, messageOf } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** What tells of signals, and of errors that nothing caught: `process`. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  on(event: "uncaughtException", listener: (error: unknown) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: "uncaughtException", listener: (error: unknown) => void): unknown;
}

export interface InterruptionOptions {
  readonly signals: SignalSource;
  readonly clock: Clock;
  /** Told of the first signal, before the work is cancelled. */
  readonly onFirst: (signal: NodeJS.Signals) => void;
  /** Told of a second one: the user won't wait. */
  readonly onSecond: (signal: NodeJS.Signals) => void;
}

export interface Interruption extends Disposable {
  /** Aborted by the first signal, with a MigrationError `cancelled`. */
  readonly signal: AbortSignal;
}

// SIGHUP is there because a lost terminal must not leave a container frozen.
const watched = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * One Ctrl-C may arrive twice: the terminal sends it to the whole foreground group, and a launcher (npx, our own on an
 * old Node.js) passes on what it got too.
 */
const sameKeyPressMs = 500;

/** Turns the first signal, or an error that nothing caught, into an abort. Until it is disposed, signals do nothing else. */
export function listenForInterruption({ signals, clock, onFirst, onSecond }: InterruptionOptions): Interruption {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = clock.now();
      onFirst(signal);
      controller.abort(new MigrationError("cancelled", `interrupted by ${signal}`));
    } else if (clock.now() - firstAt >= sameKeyPressMs) {
      onSecond(signal);
    }
  };
  // Such an error would end the process at once and leave the container frozen: it cancels the work instead.
  const defect = (error: unknown): void => {
    const remedy = "This is a defect of migrate-container. Please report it with this message.";
    controller.abort(
      new MigrationError("defect", `unexpected error: ${messageOf(error)}`, { host: "local", remedy, cause: error }),
    );
  };
  for (const each of watched) signals.on(each, listener);
  signals.on("uncaughtException", defect);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const each of watched) signals.off(each, listener);
      signals.off("uncaughtException", defect);
    },
  };
}
