import { rm } from "node:fs/promises";
import { MigrationError } from "../../errors.ts";
import { recordOfError } from "../carry-out.ts";
import { endSource } from "../finish.ts";
import { doneBy } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { MoveRecord } from "../journal/move-record.ts";
import { localSides } from "../local-sides.ts";
import { undoAll } from "../rollback.ts";
import { openSide } from "../sides.ts";
import type { Decision } from "./decide.ts";
import { lookAtSource } from "./look.ts";
import type { RecoveredMove, RecoverOptions } from "./recovered.ts";

/**
 * Ends a checkpoint that was interrupted. Until its archive is whole the container goes on and nothing stays; then what is left to do is
 * done. An archive that is whole stays in either case.
 */
export async function recoverCheckpoint(
  move: MoveRecord,
  journal: Journal,
  { onProgress, signal }: RecoverOptions,
): Promise<RecoveredMove> {
  await using stack = new AsyncDisposableStack();
  const { id, begin, made, committed, rollback, stuck } = move;
  const local = await openSide("local", stack, { signal }, begin.sourceEngine);
  const decision: Decision = committed && rollback === undefined ? "complete" : "roll-back";
  const runs = (await lookAtSource(local, move)) === "alive";
  const common = {
    ...{
      id,
      operation: begin.operation,
      archive: begin.archive,
      container: begin.container,
      source: "local",
      sourceEngine: begin.sourceEngine ?? "docker",
      target: begin.target,
    },
    ...{ decision, memoryLost: false, remains: [] as readonly string[] },
  };
  if (decision === "complete") {
    if (runs && begin.leaveSource !== "running") {
      await endSource(local, await local.engine.inspect(begin.containerId), begin.leaveSource);
      onProgress?.(`ended ${begin.container}: its archive is whole`);
    }
    await rm(begin.workDirectory, { recursive: true, force: true });
    await journal.write({ kind: "end", status: doneBy.checkpoint, recovered: true });
    return { ...common, status: doneBy.checkpoint, running: runs && begin.leaveSource === "running" };
  }
  // What was frozen may be gone since.
  const left = runs ? made : made.filter(({ object }) => object !== "freeze");
  const { remains } = await undoAll([{ moveId: id, made: left, journal }], {
    sides: localSides(local),
    targetStarted: false,
    onUndone: (_object, title, error) => onProgress?.(error === undefined ? title : `could not: ${title} (${error.message})`),
  });
  if (remains.length > 0) {
    const error = new MigrationError("rollback-failed", `not everything of checkpoint ${id} could be undone`, { host: "local" });
    await journal.write({ kind: "stuck", error: recordOfError(error), remains });
    return { ...common, status: "stuck", running: undefined, remains, error };
  }
  await journal.write({ kind: "end", status: "rolled-back", error: rollback ?? stuck?.error, recovered: true });
  return { ...common, status: "rolled-back", running: runs, memoryLost: !runs };
}
