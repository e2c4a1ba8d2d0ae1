export { type CheckOptions, check } from "./check.ts";
export type { EventListener, MigrationEvent, StepName } from "./events.ts";
export { type MigrateOptions, migrate } from "./migrate.ts";
export type { MigrationFigures, MigrationResult, StepResult } from "./result.ts";
