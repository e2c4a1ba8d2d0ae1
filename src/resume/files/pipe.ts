import type { PipeData } from "../../criu/images/checkpoint-images.ts";
import type { PipeEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { at } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { defineFileKind, refuseNothing } from "./kind.ts";

const F_SETFL = 4;
const F_SETPIPE_SZ = 1031;
const ACCESS_MODE = 3;
/** Bound to the number of the descriptor on which it is set: emitSignalOwner does it. */
const O_ASYNC = 0o20000;

export const pipeKind = defineFileKind("pipe", { refuse: refuseNothing, open: emitPipes });

/** Both ends of one pipe as the images have them: each file id is an open file description of its own. */
interface PipeEnds {
  readonly pipeId: number;
  readonly readers: readonly PipeEntry[];
  readonly writers: readonly PipeEntry[];
}

function collectPipes(pipes: readonly PipeEntry[]): PipeEnds[] {
  return [...Map.groupBy(pipes, ({ pipe_id }) => pipe_id)].map(([pipeId, ends]) => ({
    pipeId,
    readers: ends.filter(({ flags }) => (flags & ACCESS_MODE) === 0),
    writers: ends.filter(({ flags }) => (flags & ACCESS_MODE) !== 0),
  }));
}

/**
 * The name by which a runtime lists the pipe in descriptors.json when the engine holds its other end.
 */
function pipeName(pipeId: number): string {
  return `pipe:[${pipeId}]`;
}

function emitPipes(emission: Emission, entries: readonly PipeEntry[]): Map<number, number> {
  return new Map(
    collectPipes(entries).flatMap((ends) => {
      const standard = emission.engineStdio.indexOf(pipeName(ends.pipeId));
      return [...(standard === -1 ? emitPipe(emission, ends) : emitEnginePipe(emission, ends, standard))];
    }),
  );
}

/** The new container's own pipe takes the place of the old one's. */
function emitEnginePipe(
  { program, temporaries }: Emission,
  { readers, writers }: PipeEnds,
  standard: number,
): Map<number, number> {
  const opened = [...readers, ...writers].map(({ id }) => [id, temporaries.allocate()] as const);
  for (const [, descriptor] of opened) {
    program.call("dup3", [standard, descriptor, 0], { describe: `the container's standard descriptor ${standard}` });
  }
  return new Map(opened);
}

/**
 * Rebuilds a pipe whose ends all lie in the tree: its capacity, the bytes that wait in it, every open description.
 * @returns the temporary descriptor for each file id
 */
function emitPipe(emission: Emission, { pipeId, readers, writers }: PipeEnds): Map<number, number> {
  const { program, temporaries, images } = emission;
  const ends = program.scratch(8);
  program.call("pipe2", [ends, 0], { describe: `pipe ${pipeId}` });
  program.code.load32("result", ends);
  const reader = temporaries.adopt(`pipe ${pipeId}`);
  program.code.load32("result", at(ends.label, 4));
  const writer = temporaries.adopt(`pipe ${pipeId}`);
  // A pipe with one end only is a pipe whose other end is closed: it is closed here, too, after the bytes were put in.
  emitPipeContents(emission, writer, images.pipesData.get(pipeId), `pipe ${pipeId}`);
  const result = new Map<number, number>();
  for (const [end, entries] of [
    [reader, readers],
    [writer, writers],
  ] as const) {
    for (const [index, entry] of entries.entries()) result.set(entry.id, index === 0 ? end : reopen(emission, end, entry));
    for (const entry of entries) {
      program.call("fcntl", [result.get(entry.id)!, F_SETFL, entry.flags & ~(ACCESS_MODE | O_ASYNC)], {
        describe: `flags of pipe ${pipeId}`,
      });
    }
    if (entries.length === 0) temporaries.close(end);
  }
  return result;
}

/** A second open file description of the same pipe end, with flags of its own. */
function reopen({ program, temporaries }: Emission, end: number, entry: PipeEntry): number {
  program.call("openat", [AT_FDCWD, program.text(`/proc/self/fd/${end}`), entry.flags, 0], {
    describe: `second description of pipe ${entry.pipe_id}`,
  });
  return temporaries.adopt(`pipe ${entry.pipe_id}`);
}

/** Gives a pipe its size, and the bytes that wait in it. @param writer a descriptor for writing */
export function emitPipeContents({ program }: Emission, writer: number, waiting: PipeData | undefined, name: string): void {
  if (waiting?.entry.size !== undefined) {
    // Growing beyond /proc/sys/fs/pipe-max-size needs CAP_SYS_RESOURCE; the write below fails by name if the bytes don't fit.
    program.call("fcntl", [writer, F_SETPIPE_SZ, waiting.entry.size], { expect: "ignore" });
  }
  if (waiting === undefined || waiting.bytes.length === 0) return;
  const { bytes } = waiting;
  program.call("write", [writer, program.bytes(bytes), bytes.length], { expect: bytes.length, describe: `bytes in ${name}` });
}
