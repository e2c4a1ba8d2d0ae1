import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import type { Emission } from "./emission.ts";
import { sharedSegments } from "./memory/shared-memory.ts";
import { resumeDirectory } from "./resume-directory.ts";
import { processesOf, type TreeRoot } from "./tree.ts";

/**
 * The images that must lie beside the program, since it reads from them what the processes held: their bytes go from the file
 * to their place inside the kernel, never through the compiler.
 */
export function dataFilesOf(images: CheckpointImages, tree: TreeRoot): string[] {
  const maps = [
    ...processesOf(tree).map(({ pagemap }) => pagemap),
    ...sharedSegments({ tree, images }).map(({ pagemap }) => pagemap),
    ...images.ipcObjects.map(({ kind, desc }) => (kind === "shared memory segment" ? images.shmemPagemap(desc.id) : undefined)),
  ];
  return [...new Set(maps.flatMap((map) => (map === undefined ? [] : [map.pagesFile])))];
}

/** Opens the data files, each once. @returns temporary descriptors by name */
export function emitDataFiles({ program, temporaries }: Pick<Emission, "program" | "temporaries">, names: readonly string[]) {
  const descriptors = new Map<string, number>();
  for (const name of names) {
    program.call("open", [program.text(`${resumeDirectory}/${name}`), 0, 0], { describe: `open ${name}` });
    descriptors.set(name, temporaries.adopt(name));
  }
  return descriptors;
}
