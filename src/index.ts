/** The library. */
export type { Finding, Report, Severity } from "./compatibility/report.ts";
export { automaticStrategy, type Strategy, type Verdict, type Verdicts } from "./compatibility/strategy.ts";
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
