import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MigrationError, messageOf } from "../errors.ts";
import type { ErrorRecord } from "./journal/entry.ts";
import { containerName, type Move, willMake } from "./move.ts";
import type { MigrationEnding, MigrationFigures, StepResult } from "./result.ts";
import { type Sides, undoAll } from "./rollback.ts";
import { asMigrationError, StepRunner } from "./step-runner.ts";
import { clean, commit } from "./steps/commit.ts";
import { stepsOf } from "./strategies/steps.ts";

export interface CarriedOut {
  readonly ending: MigrationEnding;
  readonly steps: readonly StepResult[];
  readonly figures: MigrationFigures;
}

/** Runs a move's steps; if one fails before the commit, undoes all of them. @param begin as of `performance.now()` */
export async function carryOut(move: Move, begin: number): Promise<CarriedOut> {
  const steps = stepsOf(move.strategy);
  const runner = new StepRunner(move, [...steps.map(({ step }) => step), "commit", "clean"]);
  const ending = await perform(move, runner).then(
    () => finish(move, runner),
    (thrown: unknown) => rollBack(move, asMigrationError(thrown, move.signal)),
  );
  const reached = figures(move, begin);
  await writeEnd(move, ending, reached);
  return { ending, steps: runner.results, figures: reached };
}

/** Everything up to the commit point: the line in the journal. If even that can't be written, all is undone. */
async function perform(move: Move, runner: StepRunner): Promise<void> {
  await makeWorkDirectory(move);
  for (const { step, run } of stepsOf(move.strategy)) await runner.run(step, run);
  await move.journal.write({ kind: "committed" });
}

async function makeWorkDirectory(move: Move): Promise<void> {
  const { workDirectory: path } = move;
  await willMake(move, { object: "work", path });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await mkdir(path, { mode: 0o700 });
}

async function rollBack(move: Move, error: MigrationError): Promise<MigrationEnding> {
  if (!move.options.rollback) return { status: "stuck", error, remains: ["everything, as --no-rollback asks for"] };
  move.emit({ type: "rollback-started", reason: error });
  // That it can't be noted (a full disk) must not keep the source frozen.
  await move.journal.write({ kind: "rollback", error: recordOfError(error) }).catch(() => {});
  const { thawed, remains } = await undoAll(move.made, {
    moveId: move.id,
    sides: sidesOf(move),
    journal: move.journal,
    targetStarted: move.targetStarted,
    onUndone: ({ object }, title, undoError) => {
      if (object === "freeze" && undoError === undefined) move.runningAt ??= performance.now();
      move.emit({ type: "rollback-step", title, ...(undoError === undefined ? {} : { error: undoError }) });
    },
  });
  return { status: thawed ? "rolled-back" : "stuck", error, remains };
}

function sidesOf({ source, target }: Move): Sides {
  const sides = { source, target };
  return { side: async (role) => sides[role], name: (role) => sides[role].host.name };
}

/**
 * The target's copy is the container. What fails now is told, and left to `recover`; but as long as the source's memory is there, a
 * copy that has ended is given up for it.
 */
async function finish(move: Move, runner: StepRunner): Promise<MigrationEnding> {
  const remains: string[] = [];
  try {
    await runner.runToTheEnd("commit", commit);
  } catch (error) {
    // The copy has ended in the last moment, and the source's memory is still there.
    if (error instanceof MigrationError && error.code === "validation-failed") return await rollBack(move, error);
    remains.push(`${containerName(move)} on the source could not be ended and stays frozen: ${messageOf(error)}`);
    return { status: "migrated", targetContainerId: move.targetContainerId!, remains };
  }
  await runner.runToTheEnd("clean", clean).catch((error: unknown) => {
    remains.push(`Not everything could be cleaned up: ${messageOf(error)}`);
  });
  return { status: "migrated", targetContainerId: move.targetContainerId!, remains };
}

/** A move of which something is left has no end yet: `recover` brings it there. */
async function writeEnd({ journal }: Move, ending: MigrationEnding, reached: MigrationFigures): Promise<void> {
  const { remains } = ending;
  const error = ending.status === "migrated" ? undefined : recordOfError(ending.error);
  if (ending.status === "stuck" || remains.length > 0) {
    await journal.write({ kind: "stuck", error, remains }).catch(() => {});
    return;
  }
  const targetContainerId = ending.status === "migrated" ? ending.targetContainerId : undefined;
  // That the end can't be noted (a full disk) changes nothing about it: `recover` finds nothing left to do.
  await journal.write({ kind: "end", status: ending.status, targetContainerId, error, figures: reached }).catch(() => {});
}

export function recordOfError({ code, message, host, remedy }: MigrationError): ErrorRecord {
  return { code, message, host, remedy };
}

function figures({ frozenAt, dumpedAt, runningAt, bytesSent, memoryBytes }: Move, begin: number): MigrationFigures {
  return {
    downtimeMs: frozenAt === undefined || runningAt === undefined ? 0 : runningAt - frozenAt,
    frozenMs: frozenAt === undefined || dumpedAt === undefined ? 0 : dumpedAt - frozenAt,
    totalMs: performance.now() - begin,
    bytesSent,
    memoryBytes,
  };
}
