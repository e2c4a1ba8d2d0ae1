import type { Report } from "../compatibility/report.ts";
import type { Strategy } from "../compatibility/strategy.ts";
import type { EngineName } from "../engine/engine-name.ts";
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
  /** Milliseconds from the freeze to the end of the dump. */
  readonly frozenMs: number;
  readonly totalMs: number;
  /** Bytes sent to the target: image layers, package, volumes, logs, and what measuring the link and preparing the target took. */
  readonly bytesSent: number;
  /** Bytes of process memory carried. */
  readonly memoryBytes: number;
  /** Bytes of files carried: of the writable layer, and those sent of volumes and logs. */
  readonly fileBytes: number;
}

/** What every result tells. */
export interface MigrationSummary {
  /** Names the move in the journal and on both machines. */
  readonly id: string;
  readonly container: string;
  readonly target: string;
  /** How it was moved. Undefined when it was refused. */
  readonly strategy: Strategy | undefined;
  readonly steps: readonly StepResult[];
  readonly figures: MigrationFigures;
  /** What is not quite as it was. */
  readonly notes: readonly string[];
  readonly report: Report;
}

/** How a move that was begun ended. */
export type MigrationEnding =
  /** The container runs on the target; the source's is stopped or removed, unless `remains` says otherwise. */
  { readonly status: "migrated"; readonly targetContainerId: string; readonly remains: readonly string[] } | UndoneEnding;

/** How what did not come about ended. */
export type UndoneEnding =
  /** It runs on the source as before. `remains`: what could not be cleaned up, nothing as a rule. */
  | { readonly status: "rolled-back"; readonly error: MigrationError; readonly remains: readonly string[] }
  /** The rollback could not be completed: `remains` says what is left and where. The source may be frozen. */
  | { readonly status: "stuck"; readonly error: MigrationError; readonly remains: readonly string[] };

/** How a call of `migrate` ended. Expected failures are results, not exceptions. */
export type MigrationResult = MigrationSummary & {
  /** The machine that the container was on. */
  readonly source: string;
  /** The engine that had it there. */
  readonly sourceEngine: EngineName;
} & (
    | MigrationEnding
    /** A blocker was found; nothing was changed. */
    | { readonly status: "refused"; readonly error: MigrationError }
    /** Asked for a dry run; nothing was changed. `plan`: what would happen, for people. */
    | { readonly status: "planned"; readonly plan: readonly string[] }
  );

/** What the result of a call that changed nothing tells. */
export const nothingDone = {
  steps: [],
  notes: [],
  figures: { downtimeMs: 0, frozenMs: 0, totalMs: 0, bytesSent: 0, memoryBytes: 0, fileBytes: 0 },
} as const;
