import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { MigrationError } from "../errors.ts";
import type { ArchitectureName } from "./architectures/architecture.ts";
import { containerReasons } from "./container-refusals.ts";
import { usedFiles } from "./files/descriptors.ts";
import type { FileSurroundings } from "./files/kind.ts";
import { fileReasons } from "./files/refusals.ts";
import type { GroupPart } from "./group.ts";
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
  readonly engineFilters?: number;
  readonly group?: GroupPart | undefined;
}

/**
 * Looks through the images for everything that this compiler can't rebuild as it was. Nothing is lost silently.
 * @throws MigrationError `cannot-carry` that names all of it
 */
export function refuseWhatCannotBeCarried(images: CheckpointImages, tree: TreeRoot, context: RefusalContext): void {
  refuseOtherArchitecture(tree.process.architecture.name, context.target.architecture);
  const reasons = [
    ...planBirths(tree).reasons,
    ...sharingReasons(images, tree),
    ...containerReasons(images, context.temporaryFolders ?? []),
    ...inFlightReasons(images, tree, context),
    ...processesOf(tree).flatMap((process) => processReasons({ images, process, ...context }, context.engineFilters ?? 1)),
  ];
  if (reasons.length === 0) return;
  throw new MigrationError("cannot-carry", `resume can't carry: ${[...new Set(reasons)].join("; ")}`, {
    remedy: "See docs/support.md for what resume carries. Close or stop what is named, and try again.",
    details: { reasons },
  });
}

/** A program has instructions of one architecture; what emulates x86_64 on ARM64 can't be had the other way round (docs/support.md). */
function refuseOtherArchitecture(dumped: ArchitectureName, target: ArchitectureName): void {
  if (dumped === target) return;
  throw new MigrationError("cannot-carry", `the dump is of ${dumped} programs, and the target runs ${target} programs only`, {
    remedy:
      dumped === "aarch64" ? "Choose an ARM64 target, or the strategy replatform." : "Choose a target that runs x86_64 programs.",
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

function processReasons(surroundings: FileSurroundings, engineFilters: number): string[] {
  const { images, process, target } = surroundings;
  return [
    ...process.threads.flatMap((thread) => threadReasons(images, thread, process, target, engineFilters)),
    ...taskReasons(images, process, target),
    ...userVmas(process).flatMap((vma, _, all) => vmaReasons(images, vma, all, target)),
    ...process.descriptors.flatMap(({ fd, id }) =>
      fileReasons(images.files.get(id), surroundings).map((reason) => `descriptor ${fd}: ${reason}`),
    ),
  ];
}
