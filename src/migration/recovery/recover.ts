import { removeOrphanedDirectories } from "../../host/private-directory.ts";
import { readLiveStatus } from "../control/client.ts";
import { controlIds, removeControl } from "../control/control-socket.ts";
import { unfinishedMoves } from "../journal/unfinished.ts";
import { archiveFolders } from "../state-paths.ts";
import { recoverTogether } from "./recover-move.ts";
import type { RecoveredMove, RecoverOptions } from "./recovered.ts";

/**
 * Ends interrupted moves, with each all of its group. Those that are under way are left alone.
 * @param which ids of moves, or names or ids of containers. Default: all
 * @throws MigrationError as `recoverTogether`
 */
export async function recover(which: readonly string[] = [], options: RecoverOptions = {}): Promise<RecoveredMove[]> {
  const recovered: RecoveredMove[] = [];
  for (const { id, begin } of await unfinishedMoves()) {
    const names = [id, begin.container, begin.containerId];
    if (which.length > 0 && !which.some((word) => names.includes(word))) continue;
    // With another one of its group.
    if (recovered.some((move) => move.id === id)) continue;
    if ((await readLiveStatus(id)) !== undefined) continue;
    recovered.push(...(await recoverTogether(id, options)));
  }
  await sweep();
  return recovered;
}

/** Removes what tools that were killed have left beside their journals: sockets, connections' folders, archives that were being read. */
async function sweep(): Promise<void> {
  for (const id of await controlIds()) if ((await readLiveStatus(id)) === undefined) await removeControl(id);
  await removeOrphanedDirectories();
  await removeOrphanedDirectories(archiveFolders());
}
