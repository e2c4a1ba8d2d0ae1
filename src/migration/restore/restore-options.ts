import type { HostRequest } from "../../checkpoint/archive/host-requests.ts";
import type { MigrateOptions } from "../migrate-options.ts";

/** The strategies that make a container from an archive. */
export type RestoreStrategy = "restore" | "resume";

export interface RestoreOptions
  extends Pick<
    MigrateOptions,
    | "name"
    | "targetEngine"
    | "healthCommand"
    | "dryRun"
    | "rollback"
    | "transfer"
    | "timeoutMs"
    | "sshConfig"
    | "emulator"
    | "configuration"
    | "signal"
    | "onEvent"
    | "afterStep"
    | "afterEntry"
  > {
  /** The archive's path. */
  readonly archive: string;
  /** `ssh://[user@]host[:port]`, `adb:SERIAL`. Default: `local`, this machine. */
  readonly target?: string;
  /** A file with age identities, for archives that are encrypted. */
  readonly identityFile?: string;
  /** Default: `auto`. */
  readonly strategy?: "auto" | RestoreStrategy;
  /** What of the machine the container gets of that which the archive asks for. Default: nothing. */
  readonly isAllowed?: (request: HostRequest) => boolean;
  /** The name of the image to use where the archive's is neither in it nor on the target. */
  readonly image?: string;
}
