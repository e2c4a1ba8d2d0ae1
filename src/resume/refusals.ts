import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { MigrationError } from "../errors.ts";
import { containerReasons } from "./container-refusals.ts";
import { usedFiles } from "./files/descriptors.ts";
import type { FileSurroundings } from "./files/kind.ts";
import { fileReasons } from "./files/refusals.ts";
import { vmaReasons } from "./memory/refusals.ts";
import { userVmas } from "./process.ts";
import type { ResumeTarget } from "./target.ts";
import { planBirths } from "./tasks/births.ts";
import { taskReasons, threadReasons } from "./tasks/refusals.ts";
import { processesOf, sharingReasons, type TreeRoot } from "./tree.ts";

/** What is known of the container, beside the images. */
export interface RefusalContext {
  readonly engineStdio: readonly string[];
  readonly target: ResumeTarget;
  readonly temporaryFolders?: readonly string[];
}

/**
 * Looks through the images for everything that this compiler can't rebuild as it was. Nothing is lost silently.
 * @throws MigrationError `cannot-carry` that names all of it
 */
export function refuseWhatCannotBeCarried(images: CheckpointImages, tree: TreeRoot, context: RefusalContext): void {
  const reasons = [
    ...planBirths(tree).reasons,
    ...sharingReasons(images, tree),
    ...containerReasons(images, context.temporaryFolders ?? []),
    ...inFlightReasons(images, tree, context),
    ...processesOf(tree).flatMap((process) => processReasons({ images, process, ...context })),
  ];
  if (reasons.length === 0) return;
  throw new MigrationError("cannot-carry", `resume can't carry: ${[...new Set(reasons)].join("; ")}`, {
    remedy: "See docs/support.md for what resume carries. Close or stop what is named, and try again.",
    details: { reasons },
  });
}

/** Files that no process has open, but that are on their way in a unix socket's queue. */
function inFlightReasons(images: CheckpointImages, tree: TreeRoot, context: RefusalContext): string[] {
  const held = new Set(processesOf(tree).flatMap(({ descriptors }) => descriptors.map(({ id }) => id)));
  const surroundings = { images, process: tree.process, ...context };
  return usedFiles(tree, images)
    .filter((id) => !held.has(id))
    .flatMap((id) => fileReasons(images.files.get(id), surroundings))
    .map((reason) => `a descriptor that waits in a unix socket: ${reason}`);
}

function processReasons(surroundings: FileSurroundings): string[] {
  const { images, process, target } = surroundings;
  return [
    ...process.threads.flatMap((thread) => threadReasons(images, thread, process, target)),
    ...taskReasons(images, process, target),
    ...userVmas(process).flatMap((vma, _, all) => vmaReasons(images, vma, all, target)),
    ...process.descriptors.flatMap(({ fd, id }) =>
      fileReasons(images.files.get(id), surroundings).map((reason) => `descriptor ${fd}: ${reason}`),
    ),
  ];
}
