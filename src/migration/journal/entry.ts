import type { Strategy } from "../../compatibility/strategy.ts";
import type { EngineName } from "../../engine/engine-name.ts";
import type { MadeObject } from "../objects/made-object.ts";
import type { MigrationFigures } from "../result.ts";
import type { Expectation } from "../validation/expectation.ts";

/** What is done with a container: it is moved, written to an archive, or made from one. */
export type Operation = "migrate" | "checkpoint" | "restore";

/** What a move is, in enough detail to end it without the tool that began it. */
export interface BeginEntry {
  readonly kind: "begin";
  readonly operation: Operation;
  /** The archive that is written, or that the container is made from. */
  readonly archive?: string | undefined;
  /** The container's name on the source. */
  readonly container: string;
  readonly containerId: string;
  /**
   * When Docker started it (State.StartedAt). A container that was started again has another one: then the memory that the move
   * froze is gone. Empty for `restore`, which has no source.
   */
  readonly startedAt: string;
  /** The machine that the container is on, as the user named it. Default: this one. */
  readonly source?: string | undefined;
  /** The engine there that has it. Default: Docker. */
  readonly sourceEngine?: EngineName | undefined;
  /** The target as the user named it, and how OpenSSH was told to find it. `checkpoint` has none but this machine. */
  readonly target: string;
  /** The engine there that gets it. Default: Docker. */
  readonly targetEngine?: EngineName | undefined;
  readonly sshConfig?: string | undefined;
  /** Undefined for `checkpoint`. */
  readonly strategy?: Strategy | undefined;
  /** The container's name on the target. */
  readonly name: string;
  /** What becomes of the source's container. */
  readonly leaveSource: "running" | "stopped" | "removed";
  readonly healthCommand?: readonly string[] | undefined;
  /** Where the dump and the package lie on this machine. */
  readonly workDirectory: string;
  /**
   * The ids of the moves that are committed together with this one, itself among them. The first one's journal tells for all whether
   * they are: so it is one line. Undefined for a move alone.
   */
  readonly group?: readonly string[] | undefined;
  /** The tool's version. */
  readonly tool: string;
}

/** An error as a journal keeps it. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly host: string | undefined;
  readonly remedy: string | undefined;
}

/** How each operation ends well. */
export const doneBy = { migrate: "migrated", checkpoint: "taken", restore: "restored" } as const satisfies Record<
  Operation,
  string
>;
export type Done = (typeof doneBy)[Operation];

export interface EndEntry {
  readonly kind: "end";
  readonly status: Done | "rolled-back";
  /** The container's id on the target, when it runs there. */
  readonly targetContainerId?: string | undefined;
  readonly error?: ErrorRecord | undefined;
  readonly figures?: MigrationFigures | undefined;
  /** What could not be cleaned up, for people. */
  readonly remains?: readonly string[] | undefined;
  /** Whether `recover` wrote it. */
  readonly recovered?: boolean | undefined;
}

/** What is written down, before it happens. */
export type JournalEntry =
  | BeginEntry
  | { readonly kind: "step"; readonly step: string }
  /** An object that is about to be made, or a state that is about to be changed. */
  | { readonly kind: "object"; readonly object: MadeObject }
  | { readonly kind: "undone"; readonly object: MadeObject }
  /** What the copy on the target must look like, before it is started. */
  | { readonly kind: "expected"; readonly expectation: Expectation }
  /** From here on the target's copy is the container, for the whole group; of a checkpoint: the archive is whole. */
  | { readonly kind: "committed" }
  /** The move is being undone, because of this. */
  | { readonly kind: "rollback"; readonly error: ErrorRecord }
  /** The rollback could not be completed: the move waits for `recover`. */
  | { readonly kind: "stuck"; readonly error: ErrorRecord | undefined; readonly remains: readonly string[] }
  | EndEntry;
