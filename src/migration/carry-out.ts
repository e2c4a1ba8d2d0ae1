import { rm } from "node:fs/promises";
import { type MigrationError, messageOf } from "../errors.ts";
import type { Move } from "./move.ts";
import type { MigrationEnding, MigrationFigures, StepResult } from "./result.ts";
import { asMigrationError, StepRunner } from "./step-runner.ts";
import { clean, endSource } from "./steps/commit.ts";
import { createContainer } from "./steps/create.ts";
import { compile, dump, freeze } from "./steps/dump.ts";
import { makePackage } from "./steps/package.ts";
import { prepareTarget } from "./steps/prepare-target.ts";
import { sendImage } from "./steps/send-image.ts";
import { start } from "./steps/start.ts";
import { apply, send, verify } from "./steps/transfer.ts";
import { validate } from "./steps/validate.ts";

export interface CarriedOut {
  readonly ending: MigrationEnding;
  readonly steps: readonly StepResult[];
  readonly figures: MigrationFigures;
}

/** Runs a move's steps; if one fails before the commit, undoes all of them. @param begin as of `performance.now()` */
export async function carryOut(move: Move, begin: number): Promise<CarriedOut> {
  const runner = new StepRunner(move);
  const ending = await perform(move, runner).then(
    () => finish(move, runner),
    (thrown: unknown) => rollBack(move, asMigrationError(thrown, move.signal)),
  );
  await move.journal.write({ kind: "end", status: ending.status });
  return { ending, steps: runner.results, figures: figures(move, begin) };
}

/** Everything up to the commit point: the line in the journal. If even that can't be written, all is undone. */
async function perform(move: Move, runner: StepRunner): Promise<void> {
  await runner.run("prepare-target", prepareTarget);
  await runner.run("send-image", sendImage);
  await runner.run("create", createContainer);
  await runner.run("freeze", freeze);
  await runner.run("dump", dump);
  await runner.run("compile", compile);
  const { manifest } = await runner.run("package", makePackage);
  await runner.run("send", (move) => send(move, manifest));
  await runner.run("verify", (move) => verify(move, manifest));
  await runner.run("apply", apply);
  await runner.run("start", start);
  await runner.run("validate", validate);
  await move.journal.write({ kind: "committed" });
}

async function rollBack(move: Move, error: MigrationError): Promise<MigrationEnding> {
  move.emit({ type: "rollback-started", reason: error });
  const { thawed, remains } = await move.rollback.run(move.targetStarted, (title, undoError) =>
    move.emit({ type: "rollback-step", title, ...(undoError === undefined ? {} : { error: undoError }) }),
  );
  await rm(move.workDirectory, { recursive: true, force: true });
  return { status: thawed ? "rolled-back" : "stuck", error, remains };
}

/** From here on nothing is undone: what fails is told, and the container runs on the target. */
async function finish(move: Move, runner: StepRunner): Promise<MigrationEnding> {
  await runner.runToTheEnd("commit", endSource).catch((error: unknown) => {
    move.notes.push(`The container on the source could not be ended (it is frozen; \`docker kill\` it): ${messageOf(error)}`);
  });
  await runner.runToTheEnd("clean", clean).catch((error: unknown) => {
    move.notes.push(`Not everything could be cleaned up: ${messageOf(error)}`);
  });
  return { status: "migrated", targetContainerId: move.targetContainerId! };
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
