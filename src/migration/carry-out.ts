import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MigrationError, messageOf } from "../errors.ts";
import type { Done, ErrorRecord } from "./journal/entry.ts";
import { type Arrival, willMake } from "./move.ts";
import type { MigrationFigures, StepResult, UndoneEnding } from "./result.ts";
import { type Sides, undoAll } from "./rollback.ts";
import { asMigrationError, StepRunner } from "./step-runner.ts";
import type { PlannedStep, StepAction } from "./strategies/planned-step.ts";

/** What is done, in what order, and between which machines. */
export interface Course<M extends Arrival> {
  /** Up to the commit. */
  readonly steps: readonly PlannedStep<M>[];
  /** What makes the commit true, once it is written down. `validation-failed` still undoes all. */
  readonly commit: StepAction<M>;
  readonly clean: StepAction<M>;
  readonly done: Done;
  sides(move: M): Sides;
  /** What is left when the commit fails, for people. */
  uncommitted(move: M): string;
}

export type Ending =
  | { readonly status: "done"; readonly targetContainerId: string; readonly remains: readonly string[] }
  | UndoneEnding;

/** What came of one move. */
export interface CarriedOut {
  readonly ending: Ending;
  readonly steps: readonly StepResult[];
  readonly figures: MigrationFigures;
}

/**
 * Runs the steps of a group of moves between the same machines, as a rule of one; if one fails before the commit, undoes all of them.
 * @param moves the first one's journal tells whether the group is committed
 * @param begin as of `performance.now()`
 * @returns what came of each
 */
export async function carryOut<M extends Arrival>(moves: readonly M[], course: Course<M>, begin: number): Promise<CarriedOut[]> {
  const [first] = moves;
  const runner = new StepRunner(moves, [...course.steps.map(({ step }) => step), "commit", "clean"]);
  const endings = await perform(moves, course, runner).then(
    () => finish(moves, course, runner),
    (thrown: unknown) => rollBack(moves, course, asMigrationError(thrown, first!.signal)),
  );
  const results: CarriedOut[] = [];
  for (const [index, move] of moves.entries()) {
    const [ending, reached] = [endings[index]!, figures(move, begin)];
    await writeEnd(move, course, ending, reached);
    results.push({ ending, steps: runner.results, figures: reached });
  }
  return results;
}

/** Everything up to the commit point: the line in the first move's journal. If even that can't be written, all is undone. */
async function perform<M extends Arrival>(moves: readonly M[], { steps }: Course<M>, runner: StepRunner<M>): Promise<void> {
  for (const move of moves) await makeWorkDirectory(move);
  for (const { step, run } of steps) await runner.run(step, run);
  await moves[0]!.journal.write({ kind: "committed" });
}

async function makeWorkDirectory(move: Arrival): Promise<void> {
  const { workDirectory: path } = move;
  await willMake(move, { object: "work", path });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await mkdir(path, { mode: 0o700 });
}

async function rollBack<M extends Arrival>(
  moves: readonly M[],
  course: Course<M>,
  error: MigrationError,
): Promise<UndoneEnding[]> {
  const [first] = moves;
  const { options, emit } = first!;
  if (!options.rollback) return moves.map(() => ({ status: "stuck", error, remains: ["everything, as --no-rollback asks for"] }));
  for (const move of moves) {
    move.emit({ type: "rollback-started", reason: error });
    // That it can't be noted (a full disk) must not keep the source frozen.
    await move.journal.write({ kind: "rollback", error: recordOfError(error) }).catch(() => {});
  }
  const undoing = moves.map(({ id: moveId, made, journal }) => ({ moveId, made, journal }));
  const { thawed, remains } = await undoAll(undoing, {
    sides: course.sides(first!),
    targetStarted: moves.some(({ targetStarted }) => targetStarted),
    onUndone: (object, title, undoError) => {
      const frozen = object.object === "freeze" ? moves.find(({ container }) => container.Id === object.id) : undefined;
      if (frozen !== undefined && undoError === undefined) frozen.runningAt ??= performance.now();
      emit({ type: "rollback-step", title, ...(undoError === undefined ? {} : { error: undoError }) });
    },
  });
  return moves.map(() => ({ status: thawed ? "rolled-back" : "stuck", error, remains }));
}

/**
 * The target's copy is the container. What fails now is told, and left to `recover`; but as long as the source's memory is there, a
 * copy that has ended is given up for it.
 */
async function finish<M extends Arrival>(moves: readonly M[], course: Course<M>, runner: StepRunner<M>): Promise<Ending[]> {
  const done = (remains: (move: M) => readonly string[]): Ending[] =>
    moves.map((move) => ({ status: "done", targetContainerId: move.targetContainerId!, remains: remains(move) }));
  try {
    await runner.runToTheEnd("commit", course.commit);
  } catch (error) {
    // The copy has ended in the last moment, and the source's memory (or the archive) is still there.
    if (error instanceof MigrationError && error.code === "validation-failed") return await rollBack(moves, course, error);
    return done((move) => [`${course.uncommitted(move)}: ${messageOf(error)}`]);
  }
  try {
    await runner.runToTheEnd("clean", course.clean);
  } catch (error) {
    return done(() => [`Not everything could be cleaned up: ${messageOf(error)}`]);
  }
  return done(() => []);
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
