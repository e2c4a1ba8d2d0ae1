import type { PipeEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { at } from "../machine-code/assembler.ts";
import { defineFileKind, type FileSurroundings } from "./kind.ts";

const F_SETFL = 4;
const F_SETPIPE_SZ = 1031;
const ACCESS_MODE = 3;
/** Bound to the number of the descriptor on which it is set: emitSignalOwner does it. */
const O_ASYNC = 0o20000;

export const pipeKind = defineFileKind("pipe", { refuse, open: emitPipes });

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

/** A pipe whose other end lies outside the process and is not the engine's. */
function refuse({ pipe_id: pipeId }: PipeEntry, { images, engineStdio }: FileSurroundings): string[] {
  if (engineStdio.includes(pipeName(pipeId))) return [];
  const ends = [...images.files.values()].flatMap(({ pipe }) => (pipe?.pipe_id === pipeId ? [pipe.flags & ACCESS_MODE] : []));
  const waiting = images.pipesData.get(pipeId)?.bytes.length ?? 0;
  const complete = ends.includes(0) && ends.some((mode) => mode !== 0);
  // A pipe with one end only is a pipe whose other end is closed: rebuilt as such, unless bytes would be lost with it.
  return complete || waiting === 0 ? [] : [`a pipe with ${waiting} bytes and one end`];
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
    program.call("dup2", [standard, descriptor], { describe: `the container's standard descriptor ${standard}` });
  }
  return new Map(opened);
}

/**
 * Rebuilds a pipe whose ends all lie in the process: its capacity, the bytes that wait in it, every open description.
 * @returns the temporary descriptor for each file id
 */
function emitPipe(emission: Emission, { pipeId, readers, writers }: PipeEnds): Map<number, number> {
  const { program, temporaries, images } = emission;
  const ends = program.scratch(8);
  program.call("pipe2", [ends, 0], { describe: `pipe ${pipeId}` });
  program.code.load32("rax", ends);
  const reader = temporaries.adopt(`pipe ${pipeId}`);
  program.code.load32("rax", at(ends.label, 4));
  const writer = temporaries.adopt(`pipe ${pipeId}`);
  const waiting = images.pipesData.get(pipeId);
  if (waiting !== undefined) {
    if (waiting.entry.size !== undefined) {
      // Growing beyond /proc/sys/fs/pipe-max-size needs CAP_SYS_RESOURCE; the write below fails by name if the bytes don't fit.
      program.call("fcntl", [writer, F_SETPIPE_SZ, waiting.entry.size], { expect: "ignore" });
    }
    if (waiting.bytes.length > 0) {
      const bytes = program.bytes(waiting.bytes);
      program.call("write", [writer, bytes, waiting.bytes.length], {
        expect: waiting.bytes.length,
        describe: `bytes in pipe ${pipeId}`,
      });
    }
  }
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
  program.call("open", [program.text(`/proc/self/fd/${end}`), entry.flags, 0], {
    describe: `second description of pipe ${entry.pipe_id}`,
  });
  return temporaries.adopt(`pipe ${entry.pipe_id}`);
}
