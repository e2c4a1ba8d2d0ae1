import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { cgroupProcesses } from "../../engine/docker/cgroup.ts";
import type { DumpSettings } from "../../engine/docker/dump-settings.ts";
import type { DockerEngine } from "../../engine/docker/engine.ts";
import { MigrationError } from "../../errors.ts";
import { isLocal } from "../../host/local.ts";
import { count } from "../../text/count.ts";
import { stepOutOfAvx512 } from "../../tracing/step-out.ts";
import { imagesFolder } from "../archive/manifest.ts";

export interface DumpRequest {
  readonly engine: DockerEngine;
  readonly containerId: string;
  /** A process of the container, as its machine counts. */
  readonly pid: number;
  /** On the container's machine. */
  readonly folder: string;
  readonly criuBinDirectory: string;
  readonly settings: DumpSettings;
  /** Whether it was not frozen before: only then it may run for a moment. */
  readonly mayThaw: boolean;
  /**
   * Whether no thread may stand inside of an AVX-512 routine: it may go on where there is none. Default: `mayThaw`. On another machine
   * threads can't be traced; one that is caught there is found by the compiler, and the dump made again.
   */
  readonly stepOut?: boolean;
  /** Told when it was let go on for a moment. */
  readonly onThaw?: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Each takes CRIU ten seconds. */
const attempts = 3;

/** Dumps the frozen container into `images/` of a folder, again if a process was caught where CRIU can't stop it. */
export async function dumpFrozen(request: DumpRequest): Promise<string> {
  const { mayThaw } = request;
  for (let attempt = 1; ; attempt++) {
    try {
      return await dumpOnce(request);
    } catch (error) {
      if (!isTransient(error) || !mayThaw || attempt === attempts) throw error;
      request.onThaw?.();
      await freezeAnew(request, attempt);
    }
  }
}

/** Whether a moment later it may be otherwise: a thread was caught where it can't be stopped or resumed. */
export function isTransient(error: unknown): boolean {
  return error instanceof MigrationError && error.details.transient === true;
}

/** Lets the container run for a moment, so that its threads are elsewhere. */
export async function freezeAnew(
  { engine, containerId, signal }: Pick<DumpRequest, "engine" | "containerId" | "signal">,
  attempt: number,
): Promise<void> {
  signal?.throwIfAborted();
  await engine.thaw(containerId);
  await setTimeout(20 * attempt);
  await engine.freeze(containerId);
}

async function dumpOnce(request: DumpRequest): Promise<string> {
  const { engine, containerId, folder, criuBinDirectory, settings, mayThaw, signal } = request;
  const moved = mayThaw && request.stepOut !== false && isLocal(engine.host.name) ? await stepOut(request) : 0;
  const imageDirectory = join(folder, imagesFolder);
  await engine.host.must(["rm", "-rf", imageDirectory]);
  await engine.dump(containerId, { imageDirectory, workDirectory: join(folder, "criu"), criuBinDirectory, ...settings, signal });
  return moved === 0 ? "dumped with CRIU" : `dumped with CRIU; ${count(moved, "thread")} had to leave AVX-512 routines first`;
}

/** Moves threads out of routines in which they can't be resumed where there is no AVX-512. */
async function stepOut({ engine, containerId, pid, folder, onThaw }: DumpRequest): Promise<number> {
  return await stepOutOfAvx512({
    processes: await cgroupProcesses(engine.host, pid),
    workDirectory: folder,
    freeze: () => engine.freeze(containerId),
    thaw: () => {
      onThaw?.();
      return engine.thaw(containerId);
    },
  });
}
