import { MigrationError } from "../errors.ts";
import type { MigrateOptions } from "./migrate-options.ts";

/** The caller's signal, and a time-out. @param what takes its time: `the move` */
export function signalOf(
  { signal, timeoutMs }: Pick<MigrateOptions, "signal" | "timeoutMs">,
  what: string,
): AbortSignal | undefined {
  if (timeoutMs === undefined) return signal;
  const timeout = new AbortController();
  const seconds = Math.round(timeoutMs / 1000);
  const reason = new MigrationError("cancelled", `${what} took longer than ${seconds} s`, {
    remedy: "Give it more time with --timeout.",
  });
  setTimeout(() => timeout.abort(reason), timeoutMs).unref();
  return signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
}
