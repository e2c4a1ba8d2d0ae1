import { MigrationError } from "../../errors.ts";
import { taskState } from "./flags.ts";
import type { LoadedImages } from "./loaded-images.ts";
import type { CoreEntry, PstreeEntry, TaskKobjIdsEntry } from "./schema/index.ts";

const file = "pstree.img";
/** Linux gives no higher ids (include/linux/threads.h, PID_MAX_LIMIT). */
const highestId = 1 << 22;

/** The compiler goes down the tree by recursion. */
const deepest = 1000;

/** Images of one process or thread: one that belongs to none shows that the tree is not all there. */
const ownedKinds = ["core", "mm", "ids", "fs", "pagemap"] as const;

/**
 * The process tree. A zombie's only thread is itself: CRIU 4.2 leaves the number in its entry uninitialised
 * (criu/seize.c allocates it, criu/pstree.c writes it out, and nothing between fills it in for dead tasks).
 * @throws MigrationError `image-corrupt` when it is no tree, or does not fit the images of its processes and threads;
 * `image-unsupported` when it is too deep
 */
export function processTree(images: LoadedImages): readonly PstreeEntry[] {
  const tree = images.messages("pstree").map((entry) => {
    const state = coreOf(images, entry.pid).tc?.task_state;
    return state === taskState.ZOMBIE || state === taskState.DEAD ? { ...entry, threads: [entry.pid] } : entry;
  });
  const depths = new Map<number, number>();
  const ids = new Set<number>();
  for (const { pid, ppid, threads } of tree) {
    // CRIU writes parents before their children (criu/pstree.c, dump_pstree).
    const depth = (depths.get(ppid) ?? 0) + 1;
    if (depths.size > 0 && !depths.has(ppid)) throw corrupt(`process ${pid} is a child of ${ppid}, which is not before it`);
    if (!threads.includes(pid)) throw corrupt(`process ${pid} has no main thread`);
    if (depth > deepest) throw unsupported(`process ${pid} has more than ${deepest} ancestors`);
    depths.set(pid, depth);
    for (const id of threads) {
      if (id < 1 || id > highestId) throw corrupt(`${id} is no id of a process or thread`);
      if (ids.has(id)) throw corrupt(`two processes or threads have the id ${id}`);
      ids.add(id);
      coreOf(images, id);
    }
  }
  refuseOwnerless(images, ids);
  return tree;
}

function refuseOwnerless(images: LoadedImages, owners: ReadonlySet<number>): void {
  const tables = new Set([...owners].map((id) => kernelObjectIds(images, id)?.files_id));
  for (const { id, fileName } of images.all("fdinfo")) {
    if (!tables.has(Number(id))) throw corrupt(`${fileName} belongs to no process of the tree`);
  }
  for (const kind of ownedKinds) {
    for (const { id, fileName } of images.all(kind)) {
      if (!owners.has(Number(id))) throw corrupt(`${fileName} belongs to no process or thread of the tree`);
    }
  }
}

/** The ids of what a process may share with others; old CRIU put them into the core image. */
export function kernelObjectIds(images: LoadedImages, pid: number): TaskKobjIdsEntry | undefined {
  return images.messages("ids", `ids-${pid}.img`)[0] ?? images.messages("core", `core-${pid}.img`)[0]?.ids;
}

/** @throws MigrationError `image-corrupt` */
export function coreOf(images: LoadedImages, tid: number): CoreEntry {
  const file = `core-${tid}.img`;
  const [core] = images.messages("core", file);
  if (core === undefined) {
    throw new MigrationError("image-corrupt", `${file}, the state of thread ${tid}, is missing or empty`, {
      remedy: "Take the checkpoint again.",
      details: { file },
    });
  }
  return core;
}

function corrupt(why: string): MigrationError {
  return new MigrationError("image-corrupt", `${file}: ${why}`, { remedy: "Take the checkpoint again.", details: { file } });
}

function unsupported(why: string): MigrationError {
  return new MigrationError("image-unsupported", `${file}: ${why}`, { details: { file } });
}
