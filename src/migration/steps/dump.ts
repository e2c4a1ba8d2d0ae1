import { join } from "node:path";
import { dumpFrozen } from "../../checkpoint/take/dump-frozen.ts";
import type { Move } from "../move.ts";

export function imageDirectory({ workDirectory }: Pick<Move, "workDirectory">): string {
  return join(workDirectory, "images");
}

/** Dumps the frozen container with CRIU, which leaves it frozen; again if a process was caught where CRIU can't stop it. */
export async function dump(move: Move): Promise<string> {
  const { source, container, workDirectory, criuDirectory, dumpSettings, execution, signal } = move;
  const outcome = await dumpFrozen({
    engine: source.engine,
    containerId: container.Id,
    pid: container.State.Pid,
    folder: workDirectory,
    criuBinDirectory: criuDirectory!,
    settings: dumpSettings,
    mayThaw: true,
    stepOut: execution?.redispatch ?? false,
    signal,
  });
  move.dumpedAt = performance.now();
  return outcome;
}
