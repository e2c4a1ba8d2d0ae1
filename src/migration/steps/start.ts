import { setTimeout } from "node:timers/promises";
import { getSystemErrorMap } from "node:util";
import { exitWords } from "../../engine/docker/exit-words.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { MigrationError } from "../../errors.ts";
import { goWord, parseStatus } from "../../resume/resume-directory.ts";
import type { Arrival } from "../move.ts";
import { together } from "../strategies/planned-step.ts";

/** A resume reads its pages at some ten MB/s at worst (emulated ARM64 machine, cold disk). */
const timeoutMs = ({ memoryBytes }: Arrival): number => 60_000 + memoryBytes / 10_000;

/**
 * Starts the containers of a group on the target, each of which resumes its program, and waits until every thread is about to go on. In a
 * group none goes on before all are rebuilt.
 */
export async function startResumed(moves: readonly Arrival[]): Promise<readonly string[]> {
  await together(start)(moves);
  if (moves.length > 1) {
    await reachAll(moves, "ready");
    await letGoOn(moves);
  }
  return await reachAll(moves, "resumed");
}

/** Waits until every program says that it has come so far. One that failed is waited for by others: so its error ends all waiting. */
async function reachAll(moves: readonly Arrival[], state: "ready" | "resumed"): Promise<readonly string[]> {
  const failed = new AbortController();
  const watched = (move: Arrival) =>
    reach(move, state, failed.signal).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  return await together(watched)(moves);
}

async function reach(move: Arrival, state: "ready" | "resumed", failed: AbortSignal): Promise<string> {
  const { target, signal } = move;
  const id = move.targetContainerId!;
  const deadline = performance.now() + timeoutMs(move);
  for (;;) {
    signal?.throwIfAborted();
    failed.throwIfAborted();
    const [{ Running: runs, ExitCode: exitCode }, text] = await look(move, id);
    const status = parseStatus(text);
    if (status.state === state) return "every thread is in place";
    if (status.state === "failed") throw resumeFailure(move, status.what, status.result);
    if (!runs) throw await exited(move, id, exitCode);
    if (performance.now() > deadline) {
      throw new MigrationError("resume-failed", `the program was not rebuilt within ${Math.round(timeoutMs(move) / 1000)} s`, {
        host: target.host.name,
        remedy: "Look at the machine's load and disk, then try again.",
      });
    }
    await setTimeout(100);
  }
}

/** Gives all programs of a group the word to go on. */
async function letGoOn(moves: readonly Arrival[]): Promise<void> {
  const [first] = moves;
  const ids = moves.map(({ targetContainerId: id }) => id!);
  const script = `folder=$1; shift; for id in "$@"; do echo ${goWord} >> "$folder/$id/status"; done`;
  await first!.target.host.script(script, [targetPaths.resumed, ...ids]);
}

/** Starts the container, after it is written down what it must look like then. */
export async function start(move: Arrival): Promise<string> {
  await move.journal.write({ kind: "expected", expectation: move.expectation! });
  move.targetStarted = true;
  await move.target.engine.start(move.targetContainerId!);
  return "it runs";
}

/** Starts the container on the target, whose runtime restores the processes with CRIU. */
export async function startRestored(move: Arrival): Promise<string> {
  try {
    await start(move);
  } catch (cause) {
    if (!(cause instanceof MigrationError) || cause.code !== "engine-request-failed") throw cause;
    throw await restoreFailure(move, cause);
  }
  return "CRIU has restored every process";
}

async function restoreFailure({ target, targetContainerId }: Arrival, cause: MigrationError): Promise<MigrationError> {
  const script = 'grep -h "Error (" "$1/$2/criu/restore.log" 2>/dev/null | tail -n 20 || true';
  const log = await target.host.script(script, [targetPaths.resumed, targetContainerId!]);
  // A line of the log: time, perhaps a process id, and the place in CRIU's source.
  // This one comes in every log where limits can't be raised, and harms nothing.
  const harmless = /Can't setup RLIMIT_NOFILE for self/;
  const reasons = [...log.matchAll(/Error \([^)]*\): (.+)$/gm)]
    .map(([, reason = ""]) => reason)
    .filter((reason) => !harmless.test(reason));
  return new MigrationError("resume-failed", `CRIU could not restore the processes: ${reasons[0] ?? cause.message}`, {
    host: target.host.name,
    remedy: "Try `--strategy resume`, which needs no CRIU on the target.",
    details: { reasons },
    cause,
  });
}

async function look(
  { target }: Arrival,
  id: string,
): Promise<readonly [{ readonly Running: boolean; readonly ExitCode: number }, string]> {
  // The state first: a program that ends in between has written its last word by then.
  const { State } = await target.engine.inspect(id);
  return [State, await target.host.script('cat "$1/$2/status" 2>/dev/null || true', [targetPaths.resumed, id])];
}

function resumeFailure({ target }: Arrival, what: string, result: bigint): MigrationError {
  const known = getSystemErrorMap().get(Number(result));
  const reason = known === undefined ? `result ${result}` : `${known[0]}: ${known[1]}`;
  return new MigrationError("resume-failed", `the program could not be rebuilt: ${what}: ${reason}`, {
    host: target.host.name,
    remedy: "See docs/support.md for what resume carries; please report it with this message.",
    details: { what, result: String(result) },
  });
}

async function exited({ target }: Arrival, id: string, exitCode: number): Promise<MigrationError> {
  const logs = await target.engine.logs(id, 20).catch(() => "");
  return new MigrationError(
    "resume-failed",
    `the container ended${exitWords({ ExitCode: exitCode })} while the program was being rebuilt`,
    {
      host: target.host.name,
      remedy: "See its last output in the details.",
      details: { exitCode, logs },
    },
  );
}
