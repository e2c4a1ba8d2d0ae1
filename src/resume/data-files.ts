import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import { archiveOf } from "../criu/images/temporary-file-systems.ts";
import type { Emission } from "./emission.ts";
import { temporaryFolders } from "./files/temporary-files.ts";
import { unlinkedFiles } from "./files/unlinked-files.ts";
import { Label } from "./machine-code/assembler.ts";
import { AT_FDCWD } from "./machine-code/program.ts";
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
  readonly from: bigint;
  readonly to: bigint;
  readonly length: bigint;
}

/**
 * Copies ranges of a data file into an open file, inside the kernel. The file's offset is lost, as are rbx and r12. A loop over a table,
 * since a file in memory may have as many pieces as pages.
 */
export function emitCopies(
  { program, data }: Emission,
  descriptor: number,
  name: string,
  ranges: readonly DataRange[],
  describe: string,
): void {
  const pieces = ranges.flatMap(divide);
  if (pieces.length === 0) return;
  const { code } = program;
  const position = program.scratch(8);
  const [again, copied] = [new Label("copy the next piece"), new Label("copied")];
  code.loadAddress("kept", program.words(pieces.flatMap(({ to, from, length }) => [to, from, length])));
  code.move("counter", BigInt(pieces.length));
  code.define(again);
  code.loadThrough("argument1", "kept");
  program.call("lseek", [descriptor, "argument1", 0], { describe });
  code.addImmediate("kept", 8);
  code.loadThrough("result", "kept");
  code.store(position, "result");
  code.addImmediate("kept", 8);
  code.loadThrough("argument3", "kept");
  program.call("sendfile", [descriptor, data.get(name)!, position, "argument3"], { expect: "ignore" });
  code.loadThrough("temporary", "kept");
  code.compareRegister("result", "temporary");
  code.jumpIf("equal", copied);
  program.fail(describe);
  code.define(copied);
  code.addImmediate("kept", 8);
  code.addImmediate("counter", -1);
  code.compare("counter", 0);
  code.jumpIf("notEqual", again);
}

/** Pieces that one system call takes. */
export function divide({ from, to, length }: DataRange): DataRange[] {
  const pieces: DataRange[] = [];
  for (let offset = 0n; offset < length; offset += largestCopy) {
    const rest = length - offset;
    pieces.push({ from: from + offset, to: to + offset, length: rest < largestCopy ? rest : largestCopy });
  }
  return pieces;
}

/** Opens the data files, each once. @returns temporary descriptors by name */
export function emitDataFiles({ program, temporaries }: Pick<Emission, "program" | "temporaries">, names: readonly string[]) {
  const descriptors = new Map<string, number>();
  for (const name of names) {
    program.call("openat", [AT_FDCWD, program.text(`${resumeDirectory}/${name}`), 0, 0], { describe: `open ${name}` });
    descriptors.set(name, temporaries.adopt(name));
  }
  return descriptors;
}
