import { MigrationError, messageOf } from "../errors.ts";
import type { Journal } from "./journal/journal.ts";
import type { Side } from "./move.ts";
import { kindOf } from "./objects/kinds.ts";
import type { MadeObject, Role } from "./objects/made-object.ts";

/** Both machines of a move. The target may be one that can't be reached (any more). */
export interface Sides {
  side(role: Role): Promise<Side>;
  /** As the user named it. */
  name(role: Role): string;
}

export interface RollbackOutcome {
  /** Whether the source goes on. */
  readonly thawed: boolean;
  /** What could not be undone, for people. */
  readonly remains: readonly string[];
}

/** A move that is undone. */
export interface Undoing {
  readonly moveId: string;
  readonly journal: Pick<Journal, "write">;
  /** In the order in which it was made. */
  readonly made: readonly MadeObject[];
}

export interface RollbackOptions {
  readonly sides: Sides;
  /** Whether the target's copy (of a group: one of them) may have run. */
  readonly targetStarted: boolean;
  readonly onUndone?: (object: MadeObject, title: string, error?: MigrationError) => void;
}

/**
 * Undoes what a move has made, or the moves of a group, the latest first; but the source goes on before anything is cleaned up, as soon as
 * it is sure that no copy on the target runs. If that can't be made sure, the source stays frozen: never two running copies, and never
 * some of a group here and others there.
 */
export async function undoAll(moves: readonly Undoing[], options: RollbackOptions): Promise<RollbackOutcome> {
  const { sides, targetStarted, onUndone } = options;
  const rank = { "running-copy": targetStarted ? 0 : 2, thaw: 1, clean: 2 } as const;
  const ordered = moves
    .flatMap(({ made, ...move }) => made.map((object) => ({ ...move, object })))
    .toReversed()
    .toSorted((a, b) => rank[kindOf(a.object).order] - rank[kindOf(b.object).order]);
  const remains: string[] = [];
  let copyGone = true;
  let thawed = true;
  for (const { object, moveId, journal } of ordered) {
    const { order, role, title, words, undo } = kindOf(object);
    const host = role === "here" ? "local" : sides.name(role);
    const done = `${title(object)} on ${host}`;
    if (order === "thaw" && !copyGone) {
      thawed = false;
      remains.push(`${words(object)} on ${host} stays frozen, since its copy on the target may run`);
      continue;
    }
    try {
      await undo(object, () => sideOf(role, sides), moveId);
      // That it can't be noted (a full disk) changes nothing about what has been undone.
      await journal.write({ kind: "undone", object }).catch(() => {});
      onUndone?.(object, done);
    } catch (cause) {
      if (order === "running-copy" && targetStarted) copyGone = false;
      if (order === "thaw") thawed = false;
      remains.push(`${words(object)} on ${host} (${messageOf(cause)})`);
      onUndone?.(object, done, asError(cause, host));
    }
  }
  return { thawed, remains };
}

async function sideOf(role: Role | "here", sides: Sides): Promise<Side> {
  if (role === "here") throw new Error("what is here needs no engine to be undone");
  return await sides.side(role);
}

function asError(cause: unknown, host: string): MigrationError {
  return cause instanceof MigrationError ? cause : new MigrationError("rollback-failed", messageOf(cause), { host, cause });
}
