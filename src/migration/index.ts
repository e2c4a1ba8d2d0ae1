export { type CheckOptions, check } from "./check.ts";
export type { EventListener, MigrationEvent, StepName } from "./events.ts";
export { migrate } from "./migrate.ts";
export type { MigrateOptions } from "./migrate-options.ts";
export type { MigrationFigures, MigrationResult, StepResult } from "./result.ts";
