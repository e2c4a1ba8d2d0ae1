import type { CoreEntry } from "../../criu/images/schema/index.ts";
import type { ProcessMemory } from "../cpu/modules.ts";
import type { Emission } from "../emission.ts";
import type { InstructionSet } from "../machine-code/instruction-set.ts";
import type { ResumedProcess, ResumedThread } from "../process.ts";

/** As `uname -m` says it. */
export type ArchitectureName = "x86_64" | "aarch64";

/** What every kind of CPU has in a thread. */
export interface ThreadState {
  /** Where it was interrupted. */
  readonly instruction: bigint;
  readonly stack: bigint;
  /** Where its thread-local variables are. */
  readonly threadPointer: bigint;
  /** The word that the kernel clears when the thread ends (set_tid_address). */
  readonly clearTid: bigint;
}

/** A kind of CPU, and what Linux has otherwise on it. */
export interface Architecture {
  readonly name: ArchitectureName;
  readonly instructions: InstructionSet;
  /** Where memory of programs may end, by how kernels are configured; the largest first. */
  readonly userSpaceEnds: readonly [bigint, ...bigint[]];
  /** Flags of open that differ. */
  readonly openFlags: { readonly DIRECT: number; readonly DIRECTORY: number; readonly NOFOLLOW: number };
  /** struct epoll_event: bytes, and where its data is. */
  readonly epollEvent: { readonly size: number; readonly data: number };
  /** Where st_uid is in struct stat. */
  readonly ownerInStat: number;
  /** @returns undefined when the thread is of another architecture */
  readonly stateOf: (entry: CoreEntry) => ThreadState | undefined;
  /** What no kernel can have had in a thread's registers; undefined when nothing is wrong. */
  readonly damageOf: (thread: ResumedThread) => string | undefined;
  /** Why the registers can't be carried, for people; empty when they can. */
  readonly refuse: (thread: ResumedThread, process: ResumedProcess) => string[];
  /**
   * Looks whether the threads were stopped where they can go on.
   * @throws MigrationError `cannot-carry` when one was not
   */
  readonly refusePlaces: (process: ResumedProcess, openMemory: () => ProcessMemory) => void;
  /** The instructions of a vDSO function by its symbol, made a system call; undefined for those that stay as they are. */
  readonly vdsoFunction: (symbol: string) => Uint8Array | undefined;
  /** Emits what is done at the very beginning. */
  readonly emitStart: (emission: Emission) => void;
  /** Emits: the calling thread gets the thread pointer. */
  readonly emitThreadPointer: (emission: Emission, value: bigint) => void;
  /** Emits what else a thread sets for itself. */
  readonly emitOwnState: (emission: Emission, thread: ResumedThread) => void;
  /**
   * Emits what goes before.
   * @returns emits the last instructions of a thread in the program: its signal mask, its seccomp filters, all its registers, and
   *   the jump to the interrupted instruction
   */
  readonly emitRegisters: (emission: Emission, thread: ResumedThread) => () => void;
}
