import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cgroupProcesses } from "../../engine/docker/cgroup.ts";
import { MigrationError } from "../../errors.ts";
import { count } from "../../text/count.ts";
import { stepOutOfAvx512 } from "../../tracing/step-out.ts";
import type { Move } from "../move.ts";
import { freezeAnew } from "./freeze.ts";

/** Each takes CRIU ten seconds. */
const attempts = 3;

export function imageDirectory({ workDirectory }: Pick<Move, "workDirectory">): string {
  return join(workDirectory, "images");
}

/** Dumps the frozen container with CRIU, which leaves it frozen; again if a process was caught where CRIU can't stop it. */
export async function dump(move: Move): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dumpOnce(move);
    } catch (error) {
      if (!isTransient(error) || attempt === attempts) throw error;
      await freezeAnew(move, attempt);
    }
  }
}

export function isTransient(error: unknown): boolean {
  return error instanceof MigrationError && error.details.transient === true;
}

async function dumpOnce(move: Move): Promise<string> {
  const moved = move.execution?.redispatch ? await stepOut(move) : 0;
  await rm(imageDirectory(move), { recursive: true, force: true });
  await move.source.engine.dump(move.container.Id, {
    imageDirectory: imageDirectory(move),
    workDirectory: join(move.workDirectory, "criu"),
    criuBinDirectory: move.criuDirectory!,
    ...move.dumpSettings,
  });
  move.dumpedAt = performance.now();
  return moved === 0 ? "dumped with CRIU" : `dumped with CRIU; ${count(moved, "thread")} had to leave AVX-512 routines first`;
}

/** Moves threads out of routines in which they can't be resumed on the target. */
async function stepOut({ container, source, workDirectory }: Move): Promise<number> {
  return await stepOutOfAvx512({
    processes: await cgroupProcesses(source.host, container.State.Pid),
    workDirectory,
    freeze: () => source.engine.freeze(container.Id),
    thaw: () => source.engine.thaw(container.Id),
  });
}
