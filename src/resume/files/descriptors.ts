import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { MigrationError } from "../../errors.ts";
import type { Emission } from "../emission.ts";
import { processesOf, type TreeRoot } from "../tree.ts";
import type { OpenedFiles } from "./kind.ts";
import { fileKinds, kindOf } from "./kinds.ts";
import { emitSignalOwner } from "./signal-owner.ts";
import { emitForegroundGroup } from "./tty.ts";

const O_CLOEXEC = 0o2000000;
const FD_CLOEXEC = 1;

/** Opens every open file description of the tree once, at a temporary number: children inherit them, shared offset and all. */
export function emitOpenFiles(emission: Emission): OpenedFiles {
  const { tree, images } = emission;
  const files = usedFiles(tree, images).map((id) => {
    const file = images.files.get(id);
    const kind = file === undefined ? "missing" : kindOf(file);
    if (file === undefined || typeof kind === "string")
      throw new MigrationError("cannot-carry", `file ${id} can't be carried: ${kind}`);
    return { file, kind };
  });
  const opened = new Map<number, number>();
  for (const kind of fileKinds) {
    const ofKind = files.filter((candidate) => candidate.kind === kind).map(({ file }) => file);
    for (const [id, descriptor] of kind.open(emission, ofKind, opened)) opened.set(id, descriptor);
  }
  return opened;
}

/** The ids of all files that processes have open, and of those that are on their way in a socket's queue. */
export function usedFiles(tree: TreeRoot, images: CheckpointImages): number[] {
  const used = new Set(processesOf(tree).flatMap(({ descriptors }) => descriptors.map(({ id }) => id)));
  // A set gives what is added while it is gone through: descriptors in the queue of a socket that is in a queue itself.
  for (const id of used) {
    for (const { entry } of images.skQueues.get(id) ?? [])
      for (const { rights } of entry.scm) for (const right of rights) used.add(right);
  }
  return [...used];
}

/** Gives every descriptor its number and its close-on-exec flag; what the process did not have open is closed. */
export function emitDescriptorTable({ program, process }: Emission, opened: OpenedFiles): void {
  const numbers = new Set(process.descriptors.map(({ fd }) => fd));
  for (const { fd, id, flags } of process.descriptors) {
    const temporary = opened.get(id);
    if (temporary === undefined) continue; // of a kind that opens it when it finishes
    program.call("dup3", [temporary, fd, (flags & FD_CLOEXEC) !== 0 ? O_CLOEXEC : 0], { describe: `descriptor ${fd}` });
  }
  for (const standard of [0, 1, 2]) {
    if (!numbers.has(standard)) program.call("close", [standard], { expect: "ignore" });
  }
}

/** What could not be done with the files before all descriptors of the process had their numbers. */
export function emitFinishFiles(emission: Emission): void {
  emitForegroundGroup(emission);
  for (const { fd, id } of emission.process.descriptors) {
    const file = emission.images.files.get(id);
    const kind = file && kindOf(file);
    if (file === undefined || typeof kind !== "object") continue;
    kind.finish?.(emission, fd, file);
    emitSignalOwner(emission, fd, file);
  }
}
