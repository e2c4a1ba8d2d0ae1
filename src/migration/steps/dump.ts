import { join } from "node:path";
import { imagesFolder } from "../../checkpoint/archive/manifest.ts";
import { dumpFrozen } from "../../checkpoint/take/dump-frozen.ts";
import { isLocal } from "../../host/local.ts";
import { type Move, unmake, willMake } from "../move.ts";
import { adaptDump } from "../source/adapt-dump.ts";
import { dumpFolder } from "../source/dump-folder.ts";
import { fetchDump } from "../source/fetch-dump.ts";
import { patienceOf } from "./link-patience.ts";

export function imageDirectory({ workDirectory }: Pick<Move, "workDirectory">): string {
  return join(workDirectory, imagesFolder);
}

/**
 * Dumps the frozen container with CRIU, which leaves it frozen; again if a process was caught where CRIU can't stop it. A dump on another
 * machine is fetched, and removed there.
 */
export async function dump(move: Move): Promise<string> {
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
    signal,
  });
  move.dumpedAt = performance.now();
  if (isHere) {
    await adaptDump(source.engine, container, imageDirectory(move), signal);
    return outcome;
  }
  const fetched = await fetchDump(source.host, join(folder, imagesFolder), imageDirectory(move), {
    ...patienceOf(move, source.host),
    onBytes: (bytes, total) => move.progress("dump", bytes, total),
  });
  await adaptDump(source.engine, container, imageDirectory(move), signal);
  await unmake(move, object);
  return `${outcome}; ${fetched}`;
}
