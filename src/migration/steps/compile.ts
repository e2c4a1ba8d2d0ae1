import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freezeAnew, isTransient } from "../../checkpoint/take/dump-frozen.ts";
import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { memoryFoldersOf } from "../../engine/docker/memory-folders.ts";
import { engineFiltersOf } from "../../engine/docker/security.ts";
import { type CompiledResume, type CompileInput, compileResume } from "../../resume/compile.ts";
import { describeRedispatches } from "../../resume/cpu/redispatch.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { findSemaphores } from "../container-files.ts";
import type { Arrival, Move } from "../move.ts";
import { readerOfMappedFiles } from "../source/container-facts.ts";
import { expectationOf } from "../validation/expectation.ts";
import { dump, imageDirectory } from "./dump.ts";

/** A thread may be stopped where it can't be resumed (inside an AVX-512 routine): it is elsewhere a moment later. */
const attempts = 8;

/** Compiles the dump; dumps again if a thread was caught where it can't be resumed. */
export async function compile(move: Move): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await compileOnce(move);
    } catch (error) {
      if (!isTransient(error) || attempt === attempts) throw error;
      await freezeAnew({ engine: move.source.engine, containerId: move.container.Id, signal: move.signal }, attempt);
      await dump(move);
    }
  }
}

async function compileOnce(move: Move): Promise<string> {
  const { source, container, signal } = move;
  using images = await openCheckpoint(imageDirectory(move));
  return await compileFrom(move, images, {
    readFile: await readerOfMappedFiles(move, images),
    semaphores: await findSemaphores(source.host, container.State.Pid, signal),
  });
}

/** Compiles a dump for the target. @param known what is known of the dumped processes beside the images */
export async function compileFrom(
  move: Arrival,
  images: CheckpointImages,
  known: Required<Pick<CompileInput, "readFile" | "semaphores">>,
): Promise<string> {
  const { container } = move;
  const engineStdio = JSON.parse(await readFile(join(images.directory, "descriptors.json"), "utf8")) as string[];
  const compiled = compileResume({
    images,
    engineStdio,
    ...known,
    target: move.execution!,
    temporaryFolders: memoryFoldersOf(container),
    engineFilters: engineFiltersOf(container),
  });
  move.compiled = compiled;
  const altered = alteredPages(compiled);
  move.expectation = expectationOf(images, (pid, page) => altered.has(`${pid}:${page}`));
  move.notes.push(...compiled.notes);
  if (move.options.cpu) move.notes.push(...describeRedispatches(compiled.redispatches));
  const threads = compiled.processes.reduce((sum, process) => sum + process.threads.length, 0);
  const slots = [...compiled.redispatches.values()].reduce((sum, redispatch) => sum + redispatch.slots.length, 0);
  const cpu = slots > 0 ? `, ${slots} CPU-dependent functions to choose anew` : "";
  const processes = count(compiled.processes.length, "process", "processes");
  return `${processes}, ${count(threads, "thread")}${cpu}; the program has ${formatBytes(compiled.elf.length)}`;
}

/** The pages, as `<pid>:<address>`, that hold what is chosen anew for the target's CPU. */
function alteredPages({ redispatches }: CompiledResume): ReadonlySet<string> {
  const pageOf = (address: bigint): bigint => address & -4096n;
  const altered = new Set<string>();
  for (const [{ pid }, { patches, slots }] of redispatches) {
    for (const { slot } of slots) altered.add(`${pid}:${pageOf(slot)}`);
    for (const { address, bytes } of patches) {
      for (let page = pageOf(address); page < address + BigInt(bytes.length); page += 4096n) altered.add(`${pid}:${page}`);
    }
  }
  return altered;
}
