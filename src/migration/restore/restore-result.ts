import type { MigrationError } from "../../errors.ts";
import type { MigrationEnding, MigrationSummary } from "../result.ts";

/** How a call of `restore` ended. Expected failures are results, not exceptions. */
export type RestoreResult = MigrationSummary & {
  /** The archive's path. */
  readonly archive: string;
  /** The container's name on the target. */
  readonly name: string;
} & (
    | { readonly status: "restored"; readonly targetContainerId: string; readonly remains: readonly string[] }
    | Exclude<MigrationEnding, { status: "migrated" }>
    /** A blocker was found; nothing was changed. */
    | { readonly status: "refused"; readonly error: MigrationError }
    /** Asked for a dry run; nothing was changed. `plan`: what would happen, for people. */
    | { readonly status: "planned"; readonly plan: readonly string[] }
  );
