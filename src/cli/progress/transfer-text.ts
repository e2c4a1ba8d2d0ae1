import { formatBytes, formatRate } from "../../text/bytes.ts";
import { formatEstimate } from "../format/duration.ts";
import type { Meter } from "./meter.ts";

/** `12.0 MiB of 267.0 MiB (4 %), 11.2 MiB/s, 23 s left`: as much of it as is known. */
export function transferText(meter: Meter): string {
  const { bytes, totalBytes, share, rate, remainingMs } = meter;
  const parts = [
    totalBytes === undefined || share === undefined
      ? formatBytes(bytes)
      : `${formatBytes(bytes)} of ${formatBytes(totalBytes)} (${Math.floor(share * 100)} %)`,
  ];
  if (rate !== undefined) parts.push(formatRate(rate));
  if (remainingMs !== undefined && share !== 1) parts.push(`${formatEstimate(remainingMs)} left`);
  return parts.join(", ");
}
