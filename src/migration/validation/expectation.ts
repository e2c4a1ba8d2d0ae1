import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { taskState } from "../../criu/images/flags.ts";
import { isListening } from "../../resume/sockets/inet/state.ts";
import { type ExpectedMemory, expectedMemory } from "./read-only-memory.ts";

export interface ExpectedProcess {
  /** As the container counts. */
  readonly pid: number;
  readonly comm: string;
  readonly threads: readonly number[];
}

/** What the copy on the target must look like. Kept in the journal, so that a later run can validate too. */
export interface Expectation {
  /** The living processes, the first one first. Empty when the program starts anew. */
  readonly processes: readonly ExpectedProcess[];
  /** TCP ports inside the container. */
  readonly listeningPorts: readonly number[];
  readonly memory: readonly ExpectedMemory[];
  /** Milliseconds that the ports and the health command may take to come: a program that starts anew needs some. */
  readonly patienceMs: number;
}

/**
 * What a dump says.
 * @param isAltered whether the page of a process at this address is changed on purpose
 */
export function expectationOf(
  images: CheckpointImages,
  isAltered: (pid: number, page: bigint) => boolean = () => false,
): Expectation {
  const living = images.pstree.filter(({ pid }) => {
    const state = images.core(pid).tc?.task_state;
    return state !== taskState.ZOMBIE && state !== taskState.DEAD;
  });
  return {
    processes: living.map(({ pid, threads }) => ({ pid, comm: images.core(pid).tc?.comm ?? "", threads })),
    listeningPorts: listeningPortsOf(images),
    memory: living.flatMap(({ pid }) => expectedMemory(images, pid, (page) => isAltered(pid, page)) ?? []),
    patienceMs: 0,
  };
}

function listeningPortsOf(images: CheckpointImages): number[] {
  const ports = [...images.files.values()].flatMap(({ isk }) => (isk !== undefined && isListening(isk) ? [isk.src_port] : []));
  return [...new Set(ports)];
}
