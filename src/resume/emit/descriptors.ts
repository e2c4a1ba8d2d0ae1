import type { FileEntry } from "../../criu/images/schema/index.ts";
import { MigrationError } from "../../errors.ts";
import type { Emission } from "../emission.ts";
import { processesOf } from "../tree.ts";
import { emitEpoll, emitEventfd, emitSignalfd, emitTimerfd } from "./events.ts";
import { emitInetSocket } from "./inet-socket.ts";
import { collectPipes, emitPipe, pipeName } from "./pipes.ts";
import { emitRegularFile } from "./regular-file.ts";
import { emitUnixSockets, unixSocketsOf } from "./unix-socket.ts";

const O_CLOEXEC = 0o2000000;
const FD_CLOEXEC = 1;

/**
 * Opens every open file description of the tree once, at a temporary number: children inherit them, shared offset and all.
 * @param engineStdio what the runtime says of descriptors 0, 1 and 2 (descriptors.json): pipes named there are the
 *   engine's, and the new container's own take their place
 * @returns temporary descriptors by file id
 */
export function emitOpenFiles(emission: Emission, engineStdio: readonly string[]): Map<number, number> {
  const { tree, images, temporaries, program } = emission;
  const used = new Set(processesOf(tree).flatMap(({ descriptors }) => descriptors.map(({ id }) => id)));
  const opened = new Map<number, number>();
  const pipes = collectPipes(
    [...images.files.values()].flatMap(({ pipe }) => (pipe !== undefined && used.has(pipe.id) ? [pipe] : [])),
  );
  for (const ends of pipes) {
    const standard = engineStdio.indexOf(pipeName(ends.pipeId));
    if (standard === -1) {
      for (const [id, descriptor] of emitPipe(emission, ends)) opened.set(id, descriptor);
      continue;
    }
    for (const { id } of [...ends.readers, ...ends.writers]) {
      const descriptor = temporaries.allocate();
      program.call("dup2", [standard, descriptor], { describe: `the container's standard descriptor ${standard}` });
      opened.set(id, descriptor);
    }
  }
  const unixSockets = unixSocketsOf(images).filter(({ id }) => used.has(id));
  for (const [id, descriptor] of emitUnixSockets(emission, unixSockets)) opened.set(id, descriptor);
  for (const id of used) {
    if (!opened.has(id)) opened.set(id, emitFile(emission, images.files.get(id), id));
  }
  return opened;
}

function emitFile(emission: Emission, file: FileEntry | undefined, id: number): number {
  if (file?.reg !== undefined) return emitRegularFile(emission, file.reg);
  if (file?.isk !== undefined) return emitInetSocket(emission, file.isk);
  if (file?.efd !== undefined) return emitEventfd(emission, file.efd);
  if (file?.epfd !== undefined) return emitEpoll(emission);
  if (file?.sgfd !== undefined) return emitSignalfd(emission, file.sgfd);
  if (file?.tfd !== undefined) return emitTimerfd(emission, file.tfd);
  throw new MigrationError("cannot-carry", `file ${id} of type ${file?.type ?? "unknown"} can't be carried`);
}

/** Gives every descriptor its number and its close-on-exec flag; what the process did not have open is closed. */
export function emitDescriptorTable({ program, process }: Emission, opened: ReadonlyMap<number, number>): void {
  const numbers = new Set(process.descriptors.map(({ fd }) => fd));
  for (const { fd, id, flags } of process.descriptors) {
    const cloexec = (flags & FD_CLOEXEC) !== 0 ? O_CLOEXEC : 0;
    program.call("dup3", [opened.get(id)!, fd, cloexec], { describe: `descriptor ${fd}` });
  }
  for (const standard of [0, 1, 2]) {
    if (!numbers.has(standard)) program.call("close", [standard], { expect: "ignore" });
  }
}
