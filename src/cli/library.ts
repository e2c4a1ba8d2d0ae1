import type { inspectCheckpoint } from "../checkpoint/inspect/inspect.ts";
import type { takeCheckpoint } from "../checkpoint/take/take-checkpoint.ts";
import type { Report } from "../compatibility/report.ts";
import type { readConfiguration } from "../configuration/read.ts";
import type { installCriuBundle } from "../criu/bundle/install-bundle.ts";
import type { forward } from "../forwarding/forward.ts";
import type {
  CheckGroupOptions,
  CheckOptions,
  GroupResult,
  ListOptions,
  MemberReport,
  MigrateGroupOptions,
  MigrateOptions,
  MoveOverview,
  RecoveredMove,
  RecoverOptions,
} from "../migration/index.ts";
import type { RestoreOptions } from "../migration/restore/restore-options.ts";
import type { RestoreResult } from "../migration/restore/restore-result.ts";
import type { MigrationResult } from "../migration/result.ts";
import type { kernelFragmentFor } from "../setup/kernel-fragment-for.ts";
import type { setUpMachine } from "../setup/set-up-machine.ts";
import type { testMachine } from "../setup/test-machine.ts";
import type { compileImages } from "../standalone/compile-images.ts";
import type { Sources } from "./completion/candidates.ts";
import { machineSources } from "./completion/sources.ts";

export type MigrateRequest = Omit<MigrateOptions, "afterStep" | "afterEntry">;
export type MigrateGroupRequest = Omit<MigrateGroupOptions, "afterStep" | "afterEntry">;
export type RestoreRequest = Omit<RestoreOptions, "afterStep" | "afterEntry">;
export type CheckRequest = CheckOptions;

/** What the commands use of the library. Handed to them, so that tests can put another in its place. */
export interface Library {
  migrate(request: MigrateRequest): Promise<MigrationResult>;
  migrateGroup(request: MigrateGroupRequest): Promise<GroupResult>;
  restore(request: RestoreRequest): Promise<RestoreResult>;
  check(request: CheckRequest): Promise<Report>;
  checkGroup(request: CheckGroupOptions): Promise<MemberReport[]>;
  listMoves(options?: ListOptions): Promise<MoveOverview[]>;
  findMove(which: string): Promise<MoveOverview | undefined>;
  cancel(which: string): Promise<MoveOverview>;
  recover(which: readonly string[], options?: RecoverOptions): Promise<RecoveredMove[]>;
  readonly readConfiguration: typeof readConfiguration;
  readonly installCriuBundle: typeof installCriuBundle;
  readonly setUpMachine: typeof setUpMachine;
  readonly testMachine: typeof testMachine;
  readonly kernelFragmentFor: typeof kernelFragmentFor;
  readonly compileImages: typeof compileImages;
  readonly forward: typeof forward;
  readonly completionSources: Sources;
  readonly takeCheckpoint: typeof takeCheckpoint;
  readonly inspectCheckpoint: typeof inspectCheckpoint;
}

/** The library itself, loaded by the first command that needs it: `--help` and wrong usage answer at once. */
export const library: Library = {
  migrate: async (request) => (await import("../migration/index.ts")).migrate(request),
  migrateGroup: async (request) => (await import("../migration/index.ts")).migrateGroup(request),
  restore: async (request) => (await import("../migration/index.ts")).restore(request),
  check: async (request) => (await import("../migration/index.ts")).check(request),
  checkGroup: async (request) => (await import("../migration/index.ts")).checkGroup(request),
  listMoves: async (options) => (await import("../migration/index.ts")).listMoves(options),
  findMove: async (which) => (await import("../migration/index.ts")).findMove(which),
  cancel: async (which) => (await import("../migration/index.ts")).cancel(which),
  recover: async (which, options) => (await import("../migration/index.ts")).recover(which, options),
  readConfiguration: async (options) => (await import("../configuration/read.ts")).readConfiguration(options),
  installCriuBundle: async (options) => (await import("../criu/bundle/install-bundle.ts")).installCriuBundle(options),
  setUpMachine: async (options) => (await import("../setup/set-up-machine.ts")).setUpMachine(options),
  testMachine: async (options) => (await import("../setup/test-machine.ts")).testMachine(options),
  kernelFragmentFor: async (options) => (await import("../setup/kernel-fragment-for.ts")).kernelFragmentFor(options),
  compileImages: async (options) => (await import("../standalone/compile-images.ts")).compileImages(options),
  forward: async (which, options) => (await import("../forwarding/forward.ts")).forward(which, options),
  completionSources: machineSources,
  takeCheckpoint: async (options) => (await import("../checkpoint/take/take-checkpoint.ts")).takeCheckpoint(options),
  inspectCheckpoint: async (path, options) => (await import("../checkpoint/inspect/inspect.ts")).inspectCheckpoint(path, options),
};
