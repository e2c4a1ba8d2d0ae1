import { MigrationError } from "../../errors.ts";
import { readLiveStatus } from "../control/client.ts";
import { alreadyMigrating } from "../lock.ts";
import type { BeginEntry, Operation } from "./entry.ts";
import type { MoveRecord } from "./move-record.ts";
import { readJournals } from "./read-journals.ts";

/** The moves that have no end: they are under way, or wait for `recover`. */
export async function unfinishedMoves(): Promise<MoveRecord[]> {
  return (await readJournals()).filter(({ end }) => end === undefined);
}

const words: Readonly<Record<Operation, (begin: BeginEntry) => string>> = {
  migrate: ({ container, target }) => `move of \`${container}\` to ${target}`,
  checkpoint: ({ container, archive }) => `checkpoint of \`${container}\` to ${archive}`,
  restore: ({ name, archive, target }) => `restore of \`${name}\` from ${archive} on ${target}`,
};

/**
 * Refuses to move a container while an earlier move of it waits for `recover`.
 * @throws MigrationError `unfinished-move`; `already-migrating` when it is still under way
 */
export async function refuseUnfinished(containerId: string): Promise<void> {
  const earlier = (await unfinishedMoves()).find(
    ({ begin }) => begin.operation !== "restore" && begin.containerId === containerId,
  );
  if (earlier === undefined) return;
  const { id, begin } = earlier;
  const live = await readLiveStatus(id);
  if (live !== undefined) throw alreadyMigrating(begin.container, String(live.processId));
  throw new MigrationError("unfinished-move", `an earlier ${words[begin.operation](begin)} was interrupted (${id})`, {
    host: "local",
    remedy: `Run \`migrate-container recover ${id}\` first.`,
    details: { move: id },
  });
}
