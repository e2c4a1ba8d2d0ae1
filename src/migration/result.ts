import type { Report } from "../compatibility/report.ts";
import type { MigrationError } from "../errors.ts";
import type { StepName } from "./events.ts";

export interface StepResult {
  readonly step: StepName;
  readonly status: "done" | "failed" | "not-run";
  /** Milliseconds. */
  readonly durationMs: number;
}

/** The figures that people compare moves by. */
export interface MigrationFigures {
  /** Milliseconds from the freeze to the first validated instant on the target, or to the thaw. */
  readonly downtimeMs: number;
  /** Milliseconds for which the source's container was frozen while it was dumped. */
  readonly frozenMs: number;
  readonly totalMs: number;
  /** Bytes sent to the target: image layers and package. */
  readonly bytesSent: number;
  /** Bytes of process memory carried. */
  readonly memoryBytes: number;
}

interface Common {
  /** Names the move in the journal and on both machines. */
  readonly id: string;
  readonly container: string;
  readonly target: string;
  readonly steps: readonly StepResult[];
  readonly figures: MigrationFigures;
  /** What is not quite as it was. */
  readonly notes: readonly string[];
  readonly report: Report;
}

/**
 * How a move ended. Expected failures are results, not exceptions.
 * - `migrated`: the container runs on the target; the source's is stopped or removed.
 * - `rolled-back`: it runs on the source as before; `remains` says what is left on the target, nothing as a rule.
 * - `planned`: asked for a dry run: nothing was changed.
 * - `refused`: a blocker was found before anything was changed.
 * - `stuck`: the rollback could not be completed; `remains` says what is left and where.
 */
export type MigrationResult =
  | (Common & { readonly status: "migrated"; readonly targetContainerId: string })
  | (Common & {
      readonly status: "rolled-back";
      readonly error: MigrationError /** What could not be cleaned up on the target. */;
      readonly remains: readonly string[];
    })
  | (Common & { readonly status: "refused"; readonly error: MigrationError })
  | (Common & { readonly status: "planned" /** What would happen, for people. */; readonly plan: readonly string[] })
  | (Common & { readonly status: "stuck"; readonly error: MigrationError; readonly remains: readonly string[] });
