/** The library: docs/library.md. */
export type { HostRequest } from "./checkpoint/archive/host-requests.ts";
export { type OpenArchiveOptions, openArchive } from "./checkpoint/archive/open-archive.ts";
export type { ForeignArchive, OpenedArchive, OwnArchive } from "./checkpoint/archive/opened.ts";
export type { RefusalReason } from "./checkpoint/archive/refusal.ts";
export { type InspectOptions, inspectCheckpoint } from "./checkpoint/inspect/inspect.ts";
export type { Inspection } from "./checkpoint/inspect/inspection.ts";
export type { CheckpointSummary, UnreadableCheckpoint } from "./checkpoint/list-archives.ts";
export type { Packaged } from "./checkpoint/package-folder.ts";
export type { CheckpointEvent } from "./checkpoint/take/events.ts";
export { type CheckpointTaken, type TakeCheckpointOptions, takeCheckpoint } from "./checkpoint/take/take-checkpoint.ts";
export type { Transferred } from "./checkpoint/transfer-archive.ts";
export type { UnpackedArchive } from "./checkpoint/unpack-archive.ts";
export type { Finding, Report, Severity } from "./compatibility/report.ts";
export { automaticStrategy, type Strategy, type Verdict, type Verdicts } from "./compatibility/strategy.ts";
export type { ConfigurationFile } from "./configuration/schema.ts";
export { type ErrorCode, MigrationError } from "./errors.ts";
export { type ForwardEvent, type Forwarded, type ForwardOptions, forward } from "./forwarding/forward.ts";
export type { ForwardedPort } from "./forwarding/published-ports.ts";
export type { CheckpointEvents } from "./library/checkpoint-events.ts";
export {
  CheckpointManager,
  type PackageConfig,
  type ReadConfig,
  type TransferConfig,
  type ValidateConfig,
} from "./library/checkpoint-manager.ts";
export type { ConfigurationSource } from "./library/configuration-source.ts";
export {
  type CheckpointConfig,
  type CheckpointList,
  CriuManager,
  type CriuStatus,
  type InstalledCriu,
} from "./library/criu-manager.ts";
export {
  type CheckConfig,
  type MigrationConfig,
  type MigrationEvents,
  MigrationOrchestrator,
  type MigrationOutcome,
} from "./library/migration-orchestrator.ts";
export type { Outcome } from "./library/outcome.ts";
export {
  type CheckGroupOptions,
  type CheckOptions,
  check,
  checkGroup,
  type EventListener,
  type GroupResult,
  type MemberReport,
  type MigrateGroupOptions,
  type MigrateOptions,
  type MigrationEvent,
  type MigrationFigures,
  type MigrationResult,
  type MoveOverview,
  type MoveState,
  migrate,
  migrateGroup,
  type PortChoice,
  type RecoveredMove,
  type RecoverOptions,
  type RestoreOptions,
  type RestoreResult,
  type RestoreStrategy,
  restore,
  type StepName,
  type StepResult,
} from "./migration/index.ts";
export type { ItemState } from "./setup/item.ts";
export {
  type ExaminedItem,
  type MachineOptions,
  type SetUpOptions,
  type SetUpResult,
  setUpMachine,
} from "./setup/set-up-machine.ts";
export { type TestResult, type TriedTrial, testMachine } from "./setup/test-machine.ts";
