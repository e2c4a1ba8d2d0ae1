/** The library. */
export type { HostRequest } from "./checkpoint/archive/host-requests.ts";
export { type OpenArchiveOptions, openArchive } from "./checkpoint/archive/open-archive.ts";
export type { ForeignArchive, OpenedArchive, OwnArchive } from "./checkpoint/archive/opened.ts";
export type { RefusalReason } from "./checkpoint/archive/refusal.ts";
export { type InspectOptions, inspectCheckpoint } from "./checkpoint/inspect/inspect.ts";
export type { Inspection } from "./checkpoint/inspect/inspection.ts";
export type { CheckpointEvent } from "./checkpoint/take/events.ts";
export { type CheckpointTaken, type TakeCheckpointOptions, takeCheckpoint } from "./checkpoint/take/take-checkpoint.ts";
export type { Finding, Report, Severity } from "./compatibility/report.ts";
export { type ErrorCode, MigrationError } from "./errors.ts";
export {
  type CheckOptions,
  check,
  type EventListener,
  type MigrateOptions,
  type MigrationEvent,
  type MigrationFigures,
  type MigrationResult,
  migrate,
  type StepName,
  type StepResult,
} from "./migration/index.ts";
