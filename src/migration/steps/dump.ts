import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { cgroupProcesses } from "../../engine/docker/cgroup.ts";
import { memoryFoldersOf } from "../../engine/docker/memory-folders.ts";
import { engineFiltersOf } from "../../engine/docker/security.ts";
import { MigrationError } from "../../errors.ts";
import { compileResume } from "../../resume/compile.ts";
import { describeRedispatches } from "../../resume/cpu/redispatch.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { stepOutOfAvx512 } from "../../tracing/step-out.ts";
import { containerFileReader, findSemaphores } from "../container-files.ts";
import type { Move } from "../move.ts";

/** A thread may be stopped where it can't be resumed (inside an AVX-512 routine): it is elsewhere a moment later. */
const attempts = 8;
/** Each takes CRIU ten seconds. */
const dumpAttempts = 3;

export function imageDirectory({ workDirectory }: Move): string {
  return join(workDirectory, "images");
}

/** Freezes the container. From here to the commit its memory stays where it is. */
export async function freeze(move: Move): Promise<string> {
  const { container, source, rollback } = move;
  const name = containerName(move);
  await rollback.willMake({
    object: "freeze",
    host: source.host.name,
    name,
    title: `let ${name} go on on ${source.host.name}`,
    kind: "thaw",
    undo: async () => {
      await source.engine.thaw(container.Id);
      move.runningAt ??= performance.now();
    },
  });
  move.frozenAt = performance.now();
  await source.engine.freeze(container.Id);
  return `${name} is frozen; its memory stays on the source until the commit`;
}

/** Dumps the frozen container with CRIU, which leaves it frozen; again if a process was caught where CRIU can't stop it. */
export async function dump(move: Move): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dumpOnce(move);
    } catch (error) {
      if (!isTransient(error) || attempt === dumpAttempts) throw error;
      await freezeAnew(move, attempt);
    }
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof MigrationError && error.details.transient === true;
}

/** Lets the container run for a moment, so that its threads are elsewhere. */
async function freezeAnew({ signal, source, container }: Move, attempt: number): Promise<void> {
  signal?.throwIfAborted();
  await source.engine.thaw(container.Id);
  await setTimeout(20 * attempt);
  await source.engine.freeze(container.Id);
}

async function dumpOnce(move: Move): Promise<string> {
  const moved = move.execution.redispatch ? await stepOut(move) : 0;
  await rm(imageDirectory(move), { recursive: true, force: true });
  await move.source.engine.dump(move.container.Id, {
    imageDirectory: imageDirectory(move),
    workDirectory: join(move.workDirectory, "criu"),
    criuBinDirectory: move.criuDirectory,
    signal: move.signal,
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

/** Compiles the dump; dumps again if a thread was caught where it can't be resumed. */
export async function compile(move: Move): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await compileOnce(move);
    } catch (error) {
      if (!isTransient(error) || attempt === attempts) throw error;
      await freezeAnew(move, attempt);
      await dump(move);
    }
  }
}

async function compileOnce(move: Move): Promise<string> {
  const { container, execution } = move;
  using images = await openCheckpoint(imageDirectory(move));
  const engineStdio = JSON.parse(await readFile(join(imageDirectory(move), "descriptors.json"), "utf8")) as string[];
  const compiled = compileResume({
    images,
    engineStdio,
    readFile: containerFileReader(container.State.Pid),
    target: execution,
    temporaryFolders: memoryFoldersOf(container),
    engineFilters: engineFiltersOf(container),
    semaphores: findSemaphores(container.State.Pid),
  });
  move.compiled = { ...compiled };
  move.notes.push(...compiled.notes);
  if (move.options.cpu) move.notes.push(...describeRedispatches(compiled.redispatches));
  const threads = compiled.processes.reduce((sum, process) => sum + process.threads.length, 0);
  const slots = [...compiled.redispatches.values()].reduce((sum, redispatch) => sum + redispatch.slots.length, 0);
  const cpu = slots > 0 ? `, ${slots} CPU-dependent functions to choose anew` : "";
  const processes = count(compiled.processes.length, "process", "processes");
  return `${processes}, ${count(threads, "thread")}${cpu}; the program has ${formatBytes(compiled.elf.length)}`;
}

export function containerName({ container }: Pick<Move, "container">): string {
  return container.Name.replace(/^\//, "");
}
