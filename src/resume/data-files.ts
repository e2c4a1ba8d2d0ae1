import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { archiveOf } from "../criu/images/temporary-file-systems.ts";
import type { Emission } from "./emission.ts";
import { temporaryFolders } from "./files/temporary-files.ts";
import { unlinkedFiles } from "./files/unlinked-files.ts";
import { sharedSegments } from "./memory/shared-memory.ts";
import { resumeDirectory } from "./resume-directory.ts";
import { processesOf, type TreeRoot } from "./tree.ts";

/**
 * The images (of memory file systems the uncompressed ones) that must lie beside the program, since it reads from them what the
 * processes held: their bytes go from the file to their place inside the kernel, never through the compiler.
 */
export function dataFilesOf(images: CheckpointImages, tree: TreeRoot): string[] {
  const maps = [
    ...processesOf(tree).map(({ pagemap }) => pagemap),
    ...sharedSegments({ tree, images }).map(({ pagemap }) => pagemap),
    ...images.ipcObjects.map(({ kind, desc }) => (kind === "shared memory segment" ? images.shmemPagemap(desc.id) : undefined)),
  ];
  const ghosts = unlinkedFiles(images).flatMap(({ ghost }) => (ghost.chunks.length > 0 ? [ghost.image] : []));
  const archives = temporaryFolders(images).flatMap(({ device, files }) =>
    files.some(({ pieces }) => pieces.length > 0) ? [archiveOf(device)] : [],
  );
  return [...new Set([...maps.flatMap((map) => (map === undefined ? [] : [map.pagesFile])), ...ghosts, ...archives])];
}

/** The largest count of one sendfile (as of a read: MAX_RW_COUNT is 2^31 - 4096). */
const largestCopy = 1n << 30n;

/** A range of a data file, and where it goes. */
export interface DataRange {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly length: bigint;
}

/** Copies a range of a data file into an open file, inside the kernel. The file's offset is lost. */
export function emitCopy({ program, data }: Emission, descriptor: number, range: DataRange, describe: string): void {
  const { name, from, to, length } = range;
  for (let offset = 0n; offset < length; offset += largestCopy) {
    const count = length - offset < largestCopy ? length - offset : largestCopy;
    program.call("lseek", [descriptor, to + offset, 0], { describe });
    const position = program.scratch(8);
    program.code.move("rax", from + offset);
    program.code.store(position, "rax");
    program.call("sendfile", [descriptor, data.get(name)!, position, count], { expect: count, describe });
  }
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
