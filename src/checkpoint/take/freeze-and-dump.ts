import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { cgroupProcesses } from "../../engine/docker/cgroup.ts";
import type { DumpSettings } from "../../engine/docker/dump-settings.ts";
import type { DockerEngine } from "../../engine/docker/engine.ts";
import { MigrationError } from "../../errors.ts";
import { count } from "../../text/count.ts";
import { stepOutOfAvx512 } from "../../tracing/step-out.ts";
import { imagesFolder } from "../archive/manifest.ts";

export interface DumpRequest {
  readonly engine: DockerEngine;
  readonly containerId: string;
  /** A process of the container, as this machine counts. */
  readonly pid: number;
  readonly folder: string;
  readonly criuBinDirectory: string;
  readonly settings: DumpSettings;
  /** Whether it was not frozen before: only then it may run for a moment. */
  readonly mayThaw: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Each takes CRIU ten seconds. */
const attempts = 3;

/** Dumps the frozen container into `images/` of a folder, again if a process was caught where CRIU can't stop it. */
export async function dumpFrozen(request: DumpRequest): Promise<string> {
  const { engine, containerId, mayThaw, signal } = request;
  for (let attempt = 1; ; attempt++) {
    try {
      return await dumpOnce(request);
    } catch (error) {
      const transient = error instanceof MigrationError && error.details.transient === true;
      if (!transient || !mayThaw || attempt === attempts) throw error;
      signal?.throwIfAborted();
      await engine.thaw(containerId);
      await setTimeout(20 * attempt);
      await engine.freeze(containerId);
    }
  }
}

async function dumpOnce(request: DumpRequest): Promise<string> {
  const { engine, containerId, pid, folder, criuBinDirectory, settings, mayThaw, signal } = request;
  const moved = mayThaw ? await stepOut(engine, containerId, pid, folder) : 0;
  const imageDirectory = join(folder, imagesFolder);
  await rm(imageDirectory, { recursive: true, force: true });
  await engine.dump(containerId, { ...settings, imageDirectory, workDirectory: join(folder, "criu"), criuBinDirectory, signal });
  return moved === 0 ? "dumped with CRIU" : `dumped with CRIU; ${count(moved, "thread")} had to leave AVX-512 routines first`;
}

/** The archive may be resumed where there is no AVX-512: no thread may stand inside such a routine. */
async function stepOut(engine: DockerEngine, containerId: string, pid: number, folder: string): Promise<number> {
  return await stepOutOfAvx512({
    processes: await cgroupProcesses(engine.host, pid),
    workDirectory: folder,
    freeze: () => engine.freeze(containerId),
    thaw: () => engine.thaw(containerId),
  });
}
