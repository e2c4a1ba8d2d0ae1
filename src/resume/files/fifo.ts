import type { FifoEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { absolutePath } from "../process.ts";
import { defineFileKind, type FileSurroundings } from "./kind.ts";
import { emitPipeContents } from "./pipe.ts";
import { openFlags, reopenFlags } from "./regular-file.ts";
import { unlinkedReasons } from "./unlinked-files.ts";

const O_NONBLOCK = 0o4000;

export const fifoKind = defineFileKind("fifo", { refuse, open: emitFifos });

function refuse({ regf_id: id = -1 }: FifoEntry, { images }: FileSurroundings): string[] {
  return images.files.get(id)?.reg === undefined ? ["a named pipe that the images do not hold"] : unlinkedReasons(images, id);
}

function emitFifos(emission: Emission, entries: readonly FifoEntry[]): Map<number, number> {
  return new Map([...Map.groupBy(entries, ({ pipe_id }) => pipe_id)].flatMap(([id, ends]) => [...emitFifo(emission, id, ends)]));
}

/** All descriptions of one named pipe. A first one, open for both ways, keeps the others from waiting for each other. */
function emitFifo(emission: Emission, pipeId: number, ends: readonly FifoEntry[]): Map<number, number> {
  const { program, temporaries, images, unlinked, architecture } = emission;
  const files = ends.map(({ id, regf_id }) => ({ id, file: images.files.get(regf_id!)!.reg! }));
  const name = absolutePath(files[0]!.file.name);
  const deleted = unlinked.get(files[0]!.file.id);
  const path = deleted === undefined ? name : `/proc/self/fd/${deleted}`;
  const open = (flags: number): number => {
    program.call("openat", [AT_FDCWD, program.text(path), flags, 0], { describe: `open ${name}` });
    return temporaries.adopt(name);
  };
  const both = open(openFlags.RDWR | O_NONBLOCK);
  emitPipeContents(emission, both, images.fifoData.get(pipeId), name);
  const opened = new Map(files.map(({ id, file }) => [id, open(reopenFlags(file, architecture))]));
  temporaries.release(both);
  return opened;
}
