const units = ["KiB", "MiB", "GiB", "TiB"] as const;

/** A number of bytes for people: `512 B`, `1.5 KiB`, `267.0 MiB`. */
export function formatBytes(bytes: number | bigint): string {
  let value = Number(bytes);
  if (value < 1024) return `${Math.round(value)} B`;
  for (const unit of units) {
    value /= 1024;
    // 1023.95 would be printed as 1024.0.
    if (value < 1023.95 || unit === "TiB") return `${value.toFixed(1)} ${unit}`;
  }
  throw new Error("unreachable: the last unit takes all");
}

/** `11.2 MiB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}
