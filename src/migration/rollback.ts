import { MigrationError, messageOf } from "../errors.ts";
import type { Journal } from "./journal.ts";

/** Something that a move made or changed, and how it is undone. */
export interface Undo {
  /** What kind of thing, for the journal: `container`, `folder`, `freeze`. */
  readonly object: string;
  readonly host: string;
  readonly name: string;
  /** What is said when it is undone: `removed the container web on ssh://board`. */
  readonly title: string;
  /**
   * - `thaw`: lets the source go on. Comes as early as is safe.
   * - `running-copy`: ends the target's copy. Must succeed before the source may go on, once the copy may have run.
   * - `clean`: removes what was left.
   */
  readonly kind: "thaw" | "running-copy" | "clean";
  readonly undo: () => Promise<void>;
}

export interface RollbackOutcome {
  /** Whether the source goes on. */
  readonly thawed: boolean;
  /** What could not be undone, for people. */
  readonly remains: readonly string[];
}

/** The list of what must be undone when a move fails, kept in the journal too. */
export class Rollback {
  readonly #entries: Undo[] = [];
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Announces something before it is made. */
  async willMake(entry: Undo): Promise<void> {
    await this.#journal.write({ kind: "object", object: entry.object, host: entry.host, name: entry.name });
    this.#entries.push(entry);
  }

  /**
   * Undoes everything, the latest first; but the source goes on before anything is cleaned up, as soon as it is sure that
   * the target's copy does not run. If that can't be made sure, the source stays frozen: never two running copies.
   * @param targetStarted whether the target's copy may have run
   */
  async run(targetStarted: boolean, onUndone: (title: string, error?: MigrationError) => void): Promise<RollbackOutcome> {
    const rank = { "running-copy": targetStarted ? 0 : 2, thaw: 1, clean: 2 } as const;
    const ordered = this.#entries.toReversed().toSorted((a, b) => rank[a.kind] - rank[b.kind]);
    const remains: string[] = [];
    let copyGone = true;
    let thawed = true;
    for (const entry of ordered) {
      if (entry.kind === "thaw" && !copyGone) {
        thawed = false;
        remains.push(`${entry.name} on ${entry.host} stays frozen, since its copy on the target may run`);
        continue;
      }
      try {
        await entry.undo();
        // That it can't be noted (a full disk) changes nothing about what has been undone.
        await this.#journal.write({ kind: "undone", object: entry.object, host: entry.host, name: entry.name }).catch(() => {});
        onUndone(entry.title);
      } catch (cause) {
        if (entry.kind === "running-copy" && targetStarted) copyGone = false;
        if (entry.kind === "thaw") thawed = false;
        remains.push(`${entry.object} ${entry.name} on ${entry.host} (${messageOf(cause)})`);
        onUndone(entry.title, asError(cause, entry.host));
      }
    }
    return { thawed, remains };
  }
}

function asError(cause: unknown, host: string): MigrationError {
  return cause instanceof MigrationError ? cause : new MigrationError("rollback-failed", messageOf(cause), { host, cause });
}
