import type { inspectCheckpoint } from "../checkpoint/inspect/inspect.ts";
import type { takeCheckpoint } from "../checkpoint/take/take-checkpoint.ts";
import type { Report } from "../compatibility/report.ts";
import type { installCriuBundle } from "../criu/bundle/install-bundle.ts";
import type { CheckOptions, MigrateOptions } from "../migration/index.ts";
import type { MigrationResult } from "../migration/result.ts";
import type { compileImages } from "../standalone/compile-images.ts";

export type MigrateRequest = Omit<MigrateOptions, "afterStep">;
export type CheckRequest = CheckOptions;

/** What the commands use of the library. Handed to them, so that tests can put another in its place. */
export interface Library {
  migrate(request: MigrateRequest): Promise<MigrationResult>;
  check(request: CheckRequest): Promise<Report>;
  readonly installCriuBundle: typeof installCriuBundle;
  readonly compileImages: typeof compileImages;
  readonly takeCheckpoint: typeof takeCheckpoint;
  readonly inspectCheckpoint: typeof inspectCheckpoint;
}

/** The library itself, loaded by the first command that needs it: `--help` and wrong usage answer at once. */
export const library: Library = {
  migrate: async (request) => (await import("../migration/index.ts")).migrate(request),
  check: async (request) => (await import("../migration/index.ts")).check(request),
  installCriuBundle: async (options) => (await import("../criu/bundle/install-bundle.ts")).installCriuBundle(options),
  compileImages: async (options) => (await import("../standalone/compile-images.ts")).compileImages(options),
  takeCheckpoint: async (options) => (await import("../checkpoint/take/take-checkpoint.ts")).takeCheckpoint(options),
  inspectCheckpoint: async (path, options) => (await import("../checkpoint/inspect/inspect.ts")).inspectCheckpoint(path, options),
};
