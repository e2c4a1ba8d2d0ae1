import type { EngineName } from "../../engine/engine-name.ts";
import type { MigrationError } from "../../errors.ts";
import type { Done, Operation } from "../journal/entry.ts";
import type { Decision } from "./decide.ts";

export interface RecoverOptions {
  /** Removes a copy that has gone on, and lets the source go on where it was frozen, if it still can. Default: no. */
  readonly preferSource?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told what is done, for people. */
  readonly onProgress?: (text: string) => void;
}

export interface RecoveredMove {
  readonly id: string;
  readonly operation: Operation;
  /** The archive that was written, or that the container was made from. */
  readonly archive: string | undefined;
  readonly container: string;
  /** The machine that the container is on, or was. */
  readonly source: string;
  /** The engine that has or had it there. */
  readonly sourceEngine: EngineName;
  readonly target: string;
  readonly decision: Decision;
  /**
   * `migrated`: it runs on the target. `restored`: it was made there from the archive. `taken`: the archive is whole. `rolled-back`: it is
   * the source's, and of a restore or checkpoint nothing is left. `stuck`: run it again when the cause is mended.
   */
  readonly status: Done | "rolled-back" | "stuck";
  /** Whether the container runs now, where it is. Undefined when that can't be told. */
  readonly running: boolean | undefined;
  /** Whether what it had in memory at the freeze is gone, since its processes were ended or started anew meanwhile. */
  readonly memoryLost: boolean;
  /** What could not be done, for people. */
  readonly remains: readonly string[];
  readonly error?: MigrationError;
}
