import type { MigrationError } from "../errors.ts";

/** The phases of a move, in their order; `open` is only a restore's. Those up to `copy-volumes` run while the container runs on the source. */
export const stepNames = [
  "open",
  "prepare-target",
  "measure-link",
  "send-image",
  "create",
  "copy-volumes",
  "hook-before",
  "freeze",
  "dump",
  "compile",
  "package",
  "send",
  "verify",
  "apply",
  "sync-volumes",
  "start",
  "hook-after",
  "validate",
  "commit",
  "clean",
] as const;
export type StepName = (typeof stepNames)[number];

/** What a move tells of itself while it runs. All times are milliseconds since its begin. */
export type MigrationEvent =
  | {
      readonly type: "step-started";
      readonly step: StepName;
      readonly atMs: number /** What is done, for people. */;
      readonly title: string;
    }
  | {
      readonly type: "step-finished";
      readonly step: StepName;
      readonly atMs: number;
      readonly durationMs: number /** What came of it, for people. */;
      readonly outcome?: string;
    }
  | { readonly type: "step-failed"; readonly step: StepName; readonly atMs: number; readonly error: MigrationError }
  | {
      readonly type: "bytes";
      readonly step: StepName;
      readonly atMs: number;
      readonly bytes: number /** Undefined: not known yet. */;
      readonly totalBytes: number | undefined;
    }
  | { readonly type: "rollback-started"; readonly atMs: number; readonly reason: MigrationError }
  | {
      readonly type: "rollback-step";
      readonly atMs: number /** What was undone, for people. */;
      readonly title: string;
      readonly error?: MigrationError;
    }
  | { readonly type: "note"; readonly atMs: number; readonly text: string };

export type EventListener = (event: MigrationEvent) => void;
