import { migrateGroup } from "./group/migrate-group.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import type { MigrationResult } from "./result.ts";

/**
 * Moves a running container to another machine, where it goes on where it was. Until the commit the source's memory stays
 * where it is: any failure removes what was made on the target and lets the source go on.
 * @throws MigrationError only when nothing was begun: `usage`, `target-unreachable`, `engine-unavailable`, `container-not-found`,
 * `already-migrating`, `unfinished-move`
 */
export async function migrate({ container, ...options }: MigrateOptions): Promise<MigrationResult> {
  const { members } = await migrateGroup({ ...options, containers: [container] });
  return members[0]!;
}
