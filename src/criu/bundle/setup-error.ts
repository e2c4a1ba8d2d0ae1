import { MigrationError, messageOf } from "../../errors.ts";

export const installYourself = "Install CRIU 4.2 or later yourself, so that `criu` is found through PATH.";

/** An error of the installation, with what the user can do. Cancellation stays what it is. */
export function setupError(why: string, remedy: string, cause?: unknown, what = "CRIU"): MigrationError {
  if (cause instanceof MigrationError && cause.code === "cancelled") {
    return cause;
  }
  const reason = cause === undefined ? "" : `: ${messageOf(cause)}`;
  return new MigrationError("setup-failed", `${what} can't be installed: ${why}${reason}`, { host: "local", remedy, cause });
}
