import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freezeAnew, isTransient } from "../../checkpoint/take/dump-frozen.ts";
import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { memoryFoldersOf } from "../../engine/docker/memory-folders.ts";
import { engineFiltersOf } from "../../engine/docker/security.ts";
import { MigrationError } from "../../errors.ts";
import { type CompiledResume, type CompileInput, compileResume } from "../../resume/compile.ts";
import { describeRedispatches } from "../../resume/cpu/redispatch.ts";
import type { GroupPart } from "../../resume/group.ts";
import { findFellowship, type GroupMember } from "../../resume/sockets/inet/fellows.ts";
import { formatBytes } from "../../text/bytes.ts";
import { count } from "../../text/count.ts";
import { findSemaphores } from "../container-files.ts";
import { type Arrival, containerName, type Move } from "../move.ts";
import { readerOfMappedFiles } from "../source/container-facts.ts";
import { expectationOf } from "../validation/expectation.ts";
import { dump, imageDirectory } from "./dump.ts";

/** A thread may be stopped where it can't be resumed (inside an AVX-512 routine): it is elsewhere a moment later. */
const attempts = 8;

/** Compiles the dumps of a group; dumps a container again if a thread of it was caught where it can't be resumed. */
export async function compile(moves: readonly Move[]): Promise<string[]> {
  const notes = moves.map((move) => move.notes.length);
  for (let attempt = 1; ; attempt++) {
    const groups = await groupParts(moves);
    const outcomes: string[] = [];
    // What another one's dump holds is in the program as well: if one is made anew, all are compiled anew.
    const caught = await firstCaught(moves, async (move, index) => {
      move.notes.length = notes[index]!;
      outcomes.push(await compileOnce(move, groups[index]));
    });
    if (caught === undefined) return outcomes;
    if (attempt === attempts) throw caught.error;
    const { source, container, signal } = caught.move;
    await freezeAnew({ engine: source.engine, containerId: container.Id, signal }, attempt);
    await dump(moves);
  }
}

/** Does it for each, until one has a thread that was caught where it can't be resumed. */
async function firstCaught(
  moves: readonly Move[],
  run: (move: Move, index: number) => Promise<void>,
): Promise<{ readonly move: Move; readonly error: unknown } | undefined> {
  for (const [index, move] of moves.entries()) {
    try {
      await run(move, index);
    } catch (error) {
      if (!isTransient(error)) throw error;
      return { move, error };
    }
  }
  return undefined;
}

/**
 * What each program of a group must know of the others. Bytes may have come to a container after its dump, which the sender's dump, made
 * later, has no more: then it is dumped again. All stand still, so that comes to an end.
 * @returns undefined for a move alone
 */
async function groupParts(moves: readonly Move[]): Promise<readonly (GroupPart | undefined)[]> {
  if (moves.length === 1) return [undefined];
  for (let attempt = 1; ; attempt++) {
    using stack = new DisposableStack();
    const members: GroupMember[] = [];
    for (const move of moves) {
      const images = stack.use(await openCheckpoint(imageDirectory(move)));
      members.push({ images, addresses: move.subject.group?.addresses ?? new Set() });
    }
    const { connections, outdated } = findFellowship(members);
    if (outdated.size === 0) return members.map(({ addresses }, index) => ({ addresses, connections: connections[index]! }));
    if (attempt === attempts) throw disagreement(moves.filter((_, index) => outdated.has(index)));
    await dump(moves.filter((_, index) => outdated.has(index)));
  }
}

function disagreement(moves: readonly Move[]): MigrationError {
  const names = moves.map(containerName).join(", ");
  return new MigrationError("dump-failed", `bytes came to ${names} after every dump, though the whole group was frozen`, {
    host: moves[0]!.source.host.name,
    remedy: "Look whether somebody let a container of the group go on (`docker ps`), then try again.",
  });
}

async function compileOnce(move: Move, group: GroupPart | undefined): Promise<string> {
  const { source, container, signal } = move;
  using images = await openCheckpoint(imageDirectory(move));
  return await compileFrom(move, images, {
    group,
    readFile: await readerOfMappedFiles(move, images),
    semaphores: await findSemaphores(source.host, container.State.Pid, signal),
  });
}

/** Compiles a dump for the target. @param known what is known of the dumped processes beside the images */
export async function compileFrom(
  move: Arrival,
  images: CheckpointImages,
  known: Required<Pick<CompileInput, "readFile" | "semaphores">> & Pick<CompileInput, "group">,
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
