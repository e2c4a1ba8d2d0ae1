import type { CodecName } from "./codec.ts";

/** How what is sent goes over the link, as a user asks for it. */
export interface TransferSettings {
  /** Default: `auto`, what is measured to be the fastest before anything is frozen. */
  readonly compression?: "auto" | CodecName | undefined;
  /** At most so many bytes per second. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  /** Milliseconds for which the machine may stay away after a broken link, until the transfer is given up. Default: 60,000. */
  readonly reconnectMs?: number | undefined;
}

/** The same with nothing left open. */
export interface Transfer {
  readonly compression: "auto" | CodecName;
  readonly bytesPerSecond: number | undefined;
  readonly reconnectMs: number;
}

export function transferOf({ compression = "auto", bytesPerSecond, reconnectMs = 60_000 }: TransferSettings = {}): Transfer {
  return { compression, bytesPerSecond, reconnectMs };
}
