import type { CheckpointImages } from "../criu/images/checkpoint-images.ts";
import type { Architecture } from "./architectures/architecture.ts";
import type { GroupPart } from "./group.ts";
import type { Program } from "./machine-code/program.ts";
import type { ResumedProcess } from "./process.ts";
import type { ResumeTarget } from "./target.ts";
import type { TreeRoot } from "./tree.ts";

/** What every part of the compiler works on. */
export interface Emission {
  readonly program: Program;
  readonly architecture: Architecture;
  readonly tree: TreeRoot;
  /** The process of the tree that is being rebuilt; the first one for what is done once for all. */
  readonly process: ResumedProcess;
  readonly images: CheckpointImages;
  /**
   * What the runtime says of descriptors 0, 1 and 2 (descriptors.json): `pipe:[4026]`, `/dev/null`. Pipes named there are the
   * engine's, and the new container's own take their place.
   */
  readonly engineStdio: readonly string[];
  readonly target: ResumeTarget;
  /** How many seccomp filters are the engine's, the oldest of each thread. */
  readonly engineFilters: number;
  /** Undefined for a container that is resumed alone. */
  readonly group: GroupPart | undefined;
  readonly temporaries: Temporaries;
  /** Temporary descriptors of the data files (`dataFilesOf`), by name. */
  readonly data: ReadonlyMap<string, number>;
  /** Temporary descriptors of files that have lost their names, by file id. */
  readonly unlinked: ReadonlyMap<number, number>;
  /** Temporary descriptors of shared memory by what a VMA's `shmid` names; of memfds these are file ids. */
  readonly shared: ReadonlyMap<bigint, number>;
  /** Temporary descriptors of all open files by file id, once they are opened. */
  readonly opened: ReadonlyMap<number, number>;
  /** File ids of eventfds that count down by one. */
  readonly semaphores: ReadonlySet<number>;
  /** Things that the user should know: what is not quite as it was. */
  readonly notes: string[];
}

/**
 * Numbers for the descriptors that the program itself holds open, above all numbers of the process.
 */
export class Temporaries {
  readonly #program: Program;
  #next: number;
  readonly #first: number;
  readonly #free: number[] = [];

  constructor(program: Program, first: number) {
    this.#program = program;
    this.#first = first;
    this.#next = first;
  }

  /** Emits: moves the descriptor in rax to a temporary number. */
  adopt(describe: string): number {
    const number = this.allocate();
    this.#program.code.moveRegister("kept", "result");
    this.#program.call("dup3", ["kept", number, 0], { describe: `temporary descriptor for ${describe}` });
    this.#program.call("close", ["kept"], { expect: "ignore" });
    return number;
  }

  allocate(): number {
    return this.#free.pop() ?? this.#next++;
  }

  /** Emits: closes a descriptor, and lets its number be used again. Before the first fork: afterwards another process may have it open. */
  release(number: number): void {
    this.close(number);
    this.#free.push(number);
  }

  close(number: number): void {
    this.#program.call("close", [number], { expect: "ignore" });
  }

  /** Emits: closes all, those too that only another process has open. */
  closeAll(): void {
    for (let number = this.#first; number < this.#next; number++) this.close(number);
  }
}
