import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MigrationError, messageOf } from "../errors.ts";
import type { Done, ErrorRecord } from "./journal/entry.ts";
import { type Arrival, willMake } from "./move.ts";
import type { MigrationFigures, StepResult, UndoneEnding } from "./result.ts";
import { type Sides, undoAll } from "./rollback.ts";
import { asMigrationError, StepRunner } from "./step-runner.ts";
import type { PlannedStep } from "./strategies/planned-step.ts";

/** What is done, in what order, and between which machines. */
export interface Course<M extends Arrival> {
  /** Up to the commit. */
  readonly steps: readonly PlannedStep<M>[];
  /** What makes the commit true, once it is written down. `validation-failed` still undoes all. @returns what came of it, for people */
  commit(move: M): Promise<string>;
  clean(move: M): Promise<string>;
  readonly done: Done;
  sides(move: M): Sides;
  /** What is left when the commit fails, for people. */
  uncommitted(move: M): string;
}

export type Ending =
  | { readonly status: "done"; readonly targetContainerId: string; readonly remains: readonly string[] }
  | UndoneEnding;

export interface CarriedOut {
  readonly ending: Ending;
  readonly steps: readonly StepResult[];
  readonly figures: MigrationFigures;
}

/** Runs a move's steps; if one fails before the commit, undoes all of them. @param begin as of `performance.now()` */
export async function carryOut<M extends Arrival>(move: M, course: Course<M>, begin: number): Promise<CarriedOut> {
  const runner = new StepRunner(move, [...course.steps.map(({ step }) => step), "commit", "clean"]);
  const ending = await perform(move, course, runner).then(
    () => finish(move, course, runner),
    (thrown: unknown) => rollBack(move, course, asMigrationError(thrown, move.signal)),
  );
  const reached = figures(move, begin);
  await writeEnd(move, course, ending, reached);
  return { ending, steps: runner.results, figures: reached };
}

/** Everything up to the commit point: the line in the journal. If even that can't be written, all is undone. */
async function perform<M extends Arrival>(move: M, { steps }: Course<M>, runner: StepRunner<M>): Promise<void> {
  await makeWorkDirectory(move);
  for (const { step, run } of steps) await runner.run(step, run);
  await move.journal.write({ kind: "committed" });
}

async function makeWorkDirectory(move: Arrival): Promise<void> {
  const { workDirectory: path } = move;
  await willMake(move, { object: "work", path });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await mkdir(path, { mode: 0o700 });
}

async function rollBack<M extends Arrival>(move: M, course: Course<M>, error: MigrationError): Promise<UndoneEnding> {
  if (!move.options.rollback) return { status: "stuck", error, remains: ["everything, as --no-rollback asks for"] };
  move.emit({ type: "rollback-started", reason: error });
  // That it can't be noted (a full disk) must not keep the source frozen.
  await move.journal.write({ kind: "rollback", error: recordOfError(error) }).catch(() => {});
  const { thawed, remains } = await undoAll(move.made, {
    moveId: move.id,
    sides: course.sides(move),
    journal: move.journal,
    targetStarted: move.targetStarted,
    onUndone: ({ object }, title, undoError) => {
      if (object === "freeze" && undoError === undefined) move.runningAt ??= performance.now();
      move.emit({ type: "rollback-step", title, ...(undoError === undefined ? {} : { error: undoError }) });
    },
  });
  return { status: thawed ? "rolled-back" : "stuck", error, remains };
}

/**
 * The target's copy is the container. What fails now is told, and left to `recover`; but as long as the source's memory is there, a
 * copy that has ended is given up for it.
 */
async function finish<M extends Arrival>(move: M, course: Course<M>, runner: StepRunner<M>): Promise<Ending> {
  const remains: string[] = [];
  try {
    await runner.runToTheEnd("commit", course.commit);
  } catch (error) {
    // The copy has ended in the last moment, and the source's memory (or the archive) is still there.
    if (error instanceof MigrationError && error.code === "validation-failed") return await rollBack(move, course, error);
    remains.push(`${course.uncommitted(move)}: ${messageOf(error)}`);
    return { status: "done", targetContainerId: move.targetContainerId!, remains };
  }
  await runner.runToTheEnd("clean", course.clean).catch((error: unknown) => {
    remains.push(`Not everything could be cleaned up: ${messageOf(error)}`);
  });
  return { status: "done", targetContainerId: move.targetContainerId!, remains };
}

/** A move of which something is left has no end yet: `recover` brings it there. */
async function writeEnd<M extends Arrival>(
  { journal }: M,
  { done }: Course<M>,
  ending: Ending,
  reached: MigrationFigures,
): Promise<void> {
  const { remains } = ending;
  const error = ending.status === "done" ? undefined : recordOfError(ending.error);
  if (ending.status === "stuck" || remains.length > 0) {
    await journal.write({ kind: "stuck", error, remains }).catch(() => {});
    return;
  }
  const targetContainerId = ending.status === "done" ? ending.targetContainerId : undefined;
  // That the end can't be noted (a full disk) changes nothing about it: `recover` finds nothing left to do.
  await journal
    .write({ kind: "end", status: ending.status === "done" ? done : ending.status, targetContainerId, error, figures: reached })
    .catch(() => {});
}

export function recordOfError({ code, message, host, remedy }: MigrationError): ErrorRecord {
  return { code, message, host, remedy };
}

function figures({ frozenAt, dumpedAt, runningAt, bytesSent, memoryBytes, fileBytes }: Arrival, begin: number): MigrationFigures {
  return {
    downtimeMs: frozenAt === undefined || runningAt === undefined ? 0 : runningAt - frozenAt,
    frozenMs: frozenAt === undefined || dumpedAt === undefined ? 0 : dumpedAt - frozenAt,
    totalMs: performance.now() - begin,
    bytesSent,
    memoryBytes,
    fileBytes,
  };
}
