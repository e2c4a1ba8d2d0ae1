import { setTimeout } from "node:timers/promises";
import { MigrationError } from "../errors.ts";
import type { Host } from "../host/host.ts";

export interface LinkPatience {
  /** Milliseconds for which a machine may stay away. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told that the link broke, and that it is there again. */
  readonly onLink?: ((state: "lost" | "back", error?: MigrationError) => void) | undefined;
}

/** Milliseconds between two tries. */
const pauseMs = 1000;

/** What waiting doesn't mend. */
const final = new Set(["host-key-unknown", "host-key-changed", "permission-denied", "unauthorized"]);

/**
 * Does work that may be begun anew; when the link breaks, connects anew and begins it again, as long as the machine does not stay away.
 * @param work must leave nothing that its next run could not stand; called again after each break
 * @throws MigrationError what the work throws; `target-unreachable` when the machine stayed away; `cancelled`
 */
export async function overLink<Result>(host: Host, patience: LinkPatience, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBroken(error, host) || patience.signal?.aborted) throw error;
      patience.onLink?.("lost", error);
      await reconnect(host, error, patience);
      patience.onLink?.("back");
    }
  }
}

function isBroken(error: unknown, { name }: Host): error is MigrationError {
  if (!(error instanceof MigrationError) || error.code !== "target-unreachable") return false;
  // The link to another machine is another's affair.
  if (error.host !== undefined && error.host !== name) return false;
  const { reason } = (error.details ?? {}) as { readonly reason?: string };
  return reason === undefined || !final.has(reason);
}

async function reconnect(host: Host, lost: MigrationError, { patienceMs, signal }: LinkPatience): Promise<void> {
  const end = performance.now() + patienceMs;
  let last = lost;
  while (performance.now() < end) {
    const limit = AbortSignal.timeout(Math.ceil(Math.max(1, end - performance.now())));
    try {
      return await host.reconnect(signal === undefined ? limit : AbortSignal.any([signal, limit]));
    } catch (error) {
      if (signal?.aborted) throw error;
      const isTimeOut = error instanceof MigrationError && error.code === "cancelled";
      if (!isBroken(error, host) && !isTimeOut) throw error;
      if (isBroken(error, host)) last = error;
    }
    await setTimeout(pauseMs, undefined, { ...(signal === undefined ? {} : { signal }) });
  }
  throw new MigrationError(
    "target-unreachable",
    `the link broke and the machine stayed away for ${Math.round(patienceMs / 1000)} s: ${last.message}`,
    { host: host.name, remedy: "Try again when it can be reached; `--reconnect SECONDS` says how long to wait.", cause: last },
  );
}
