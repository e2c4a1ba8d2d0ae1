import { join } from "node:path";
import { imagesFolder } from "../../checkpoint/archive/manifest.ts";
import { dumpFrozen } from "../../checkpoint/take/dump-frozen.ts";
import { isLocal } from "../../host/local.ts";
import { type Move, unmake, willMake } from "../move.ts";
import { adaptDump } from "../source/adapt-dump.ts";
import { dumpFolder } from "../source/dump-folder.ts";
import { fetchDump } from "../source/fetch-dump.ts";
import { together } from "../strategies/planned-step.ts";
import { patienceOf } from "./link-patience.ts";

export function imageDirectory({ workDirectory }: Pick<Move, "workDirectory">): string {
  return join(workDirectory, imagesFolder);
}

/** In one round after the other fewer are let go on: what makes it necessary lasts a moment. */
const rounds = 4;

/**
 * Dumps the frozen containers of a group with CRIU, which leaves them frozen; again if a process was caught where CRIU can't stop it. Then the
 * others are dumped again as well: one that went on for a moment may have closed a connection with them.
 */
export async function dump(moves: readonly Move[]): Promise<readonly string[]> {
  for (let round = 1; ; round++) {
    const thawed: Move[] = [];
    const outcomes = await together((move: Move) => dumpOne(move, () => thawed.push(move)))(moves);
    if (moves.length === 1 || thawed.length === 0 || round === rounds) return outcomes;
  }
}

/** A dump on another machine is fetched, and removed there. */
async function dumpOne(move: Move, onThaw: () => void): Promise<string> {
  const { source, container, criuDirectory, dumpSettings, execution, signal } = move;
  const folder = dumpFolder(move);
  const isHere = isLocal(source.host.name);
  const object = { object: "dump", path: folder } as const;
  if (!isHere) await willMake(move, object);
  const outcome = await dumpFrozen({
    engine: source.engine,
    containerId: container.Id,
    pid: container.State.Pid,
    folder,
    criuBinDirectory: criuDirectory!,
    settings: dumpSettings,
    mayThaw: true,
    stepOut: execution?.redispatch ?? false,
    onThaw,
    signal,
  });
  move.dumpedAt = performance.now();
  const images = imageDirectory(move);
  const fetched = isHere
    ? undefined
    : await fetchDump(source.host, join(folder, imagesFolder), images, {
        ...patienceOf(move, source.host),
        onBytes: (bytes, total) => move.progress("dump", bytes, total),
      });
  await adaptDump(source.engine, container, images, signal);
  if (fetched === undefined) return outcome;
  await unmake(move, object);
  return `${outcome}; ${fetched}`;
}
