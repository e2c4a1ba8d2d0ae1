import { MigrationError } from "../../errors.ts";
import { taskState } from "./flags.ts";
import type { LoadedImages } from "./loaded-images.ts";
import type { CoreEntry, PstreeEntry } from "./schema/index.ts";

/**
 * The process tree. A zombie's only thread is itself: CRIU 4.2 leaves the number in its entry uninitialised
 * (criu/seize.c allocates it, criu/pstree.c writes it out, and nothing between fills it in for dead tasks).
 * @throws MigrationError `image-corrupt` when a thread has no core image
 */
export function processTree(images: LoadedImages): readonly PstreeEntry[] {
  const tree = images.messages("pstree").map((entry) => {
    const state = coreOf(images, entry.pid).tc?.task_state;
    return state === taskState.ZOMBIE || state === taskState.DEAD ? { ...entry, threads: [entry.pid] } : entry;
  });
  for (const tid of tree.flatMap(({ threads }) => threads)) {
    coreOf(images, tid);
  }
  return tree;
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
