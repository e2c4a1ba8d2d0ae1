import { MigrationError, messageOf } from "../errors.ts";

/** GNU tar tells of a write that the disk had only partly room for as `Wrote only 2048 of 10240 bytes`, busybox as `short write`. */
const fullDisk = /No space left on device|Disk quota exceeded|Wrote only \d+ of \d+ bytes|short write/i;

/** @param what failed, for people */
export function sendFailure(error: unknown, host: string, destination: string, what: string): unknown {
  if (!(error instanceof MigrationError) || error.code !== "command-failed") return error;
  if (fullDisk.test(error.message)) {
    return new MigrationError("no-space", `the disk that holds ${destination} is full`, {
      host,
      remedy: "Free some space there (`df -h`, `docker system df`), then try again.",
      cause: error,
    });
  }
  return new MigrationError("transfer-failed", `${what}: ${messageOf(error)}`, {
    host,
    remedy: "Try again.",
    cause: error,
  });
}
