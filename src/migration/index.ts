export type { EventListener, MigrationEvent, StepName } from "./events.ts";
export { type CheckOptions, check, type MigrateOptions, migrate } from "./migrate.ts";
export type { MigrationFigures, MigrationResult, StepResult } from "./result.ts";
