import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import type { LabMachine } from "../lab/machines.ts";
import { listMoves, recover } from "../src/migration/index.ts";
import { program } from "../test/support/cli.ts";
import { assertLogged, container, countAt, removeCounter, source, startCounter, stateAt, targetPlace } from "./counter.ts";
import { type FaultCase, ways } from "./fault-case.ts";
import { leftOnSource, leftOnTarget, resetTarget } from "./leftovers.ts";
import type { Link } from "./link.ts";
import { type Moved, runMover } from "./run-mover.ts";
import { startEngine, stopEngine } from "./target-engine.ts";

/** Where the cases of a way happen. */
export interface Stage {
  readonly machine: LabMachine;
  readonly link: Link;
}

export interface CaseResult {
  /** How the move itself ended; undefined when its tool was killed. */
  readonly status: string | undefined;
  /** Where the container is after the recovery. */
  readonly where: "source" | "target" | undefined;
  /** How far it has counted. */
  readonly count: number;
  /** What is not as it must be. Empty: the case has passed. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Moves the counter undisturbed. @returns the names of the journal's entries */
export async function undisturbed(way: FaultCase["way"], stage: Stage): Promise<readonly string[]> {
  return await withCounter(stage, async (stateFolder) => {
    const moved = await move(way, stage, stateFolder);
    if (moved.status !== "migrated") throw new Error(`the undisturbed move ended as ${moved.status}: ${moved.error}`);
    return moved.entries;
  });
}

/** Lets a fault strike a move, recovers twice, and looks whether all is as it must be. */
export async function runCase({ way, fault, point }: FaultCase, stage: Stage): Promise<CaseResult> {
  const { machine, link } = stage;
  const begin = performance.now();
  return await withCounter(stage, async (stateFolder) => {
    const problems: string[] = [];
    const moved = await move(way, stage, stateFolder, { fault, point });
    if (!moved.struck) problems.push("the fault did not come about");
    await link.mend();
    if (fault === "stop-engine") await startEngine(machine);
    const isLost = fault === "stop-engine" && point.what === "step clean";
    const first = await command(["recover", "--json"], stateFolder);
    if (first.exitCode !== 0) problems.push(`recover ended with ${first.exitCode}: ${first.stdout}${first.stderr}`);
    const again = await recover();
    if (again.length > 0) problems.push(`the second recover found: ${JSON.stringify(again)}`);
    const target = targetPlace(machine);
    const states = { source: await stateAt(source), target: await stateAt(target) };
    const running = ([source, target] as const).filter(({ name }) => states[name] === "running");
    if (states.source === "paused" || states.target === "paused") problems.push("a container is still frozen");
    // Its engine was stopped after the move was complete, and has ended it as all of its containers.
    if (isLost ? running.length > 0 || states.target !== "exited" : running.length !== 1)
      problems.push(`not exactly one runs: ${states.source || "none"} here, ${states.target || "none"} there`);
    const place = isLost ? target : running[0];
    const count = place === undefined ? 0 : await look(place, isLost, problems);
    const where = place?.name;
    problems.push(...(await leftOnTarget(target, where === "target")).map((what) => `left on the target: ${what}`));
    problems.push(...(await leftOnSource(stateFolder)).map((what) => `left here: ${what}`));
    problems.push(...(await disagreements(where)));
    return { status: moved.status, where, count, problems, seconds: (performance.now() - begin) / 1000 };
  });
}

async function look(place: Parameters<typeof countAt>[0], isLost: boolean, problems: string[]): Promise<number> {
  try {
    const before = await countAt(place);
    await setTimeout(200);
    const after = await countAt(place);
    await assertLogged(place);
    if (!isLost && after <= before) problems.push(`it does not count on the ${place.name}: ${before}, ${after}`);
    return after;
  } catch (error) {
    problems.push((error as Error).message);
    return 0;
  }
}

/** What `list` and `history` tell that is not so. */
async function disagreements(where: CaseResult["where"]): Promise<string[]> {
  const listed = await listMoves();
  const state = (await listMoves({ all: true })).at(-1)?.state;
  const wanted = where === "target" ? ["migrated"] : ["rolled-back", undefined];
  return [
    ...(listed.length > 0 ? [`list shows ${JSON.stringify(listed)}`] : []),
    ...(wanted.includes(state) ? [] : [`history says ${state}, but the container is on the ${where}`]),
  ];
}

async function move(
  way: FaultCase["way"],
  { machine, link }: Stage,
  stateFolder: string,
  strike?: Pick<FaultCase, "fault" | "point">,
): Promise<Moved> {
  const { strategy } = ways[way];
  const task = { container, target: link.target, sshConfig: link.sshConfig, strategy, ...(strike && { strike }) };
  return await runMover(task, stateFolder, async () => {
    if (strike?.fault === "cut") await link.cut();
    if (strike?.fault === "stop-engine") await stopEngine(machine);
  });
}

async function withCounter<Result>({ machine }: Stage, use: (stateFolder: string) => Promise<Result>): Promise<Result> {
  const stateFolder = await mkdtemp(join(tmpdir(), "faults-"));
  process.env.XDG_STATE_HOME = stateFolder;
  // Of its own, so that nothing of other programs is taken for the tool's.
  process.env.TMPDIR = join(stateFolder, "tmp");
  await mkdir(process.env.TMPDIR);
  await resetTarget(targetPlace(machine));
  await startCounter();
  try {
    return await use(stateFolder);
  } finally {
    await removeCounter();
    delete process.env.TMPDIR;
    await rm(stateFolder, { recursive: true });
  }
}

async function command(words: readonly string[], stateFolder: string) {
  return await execa(program, words, { reject: false, env: { XDG_STATE_HOME: stateFolder, TMPDIR: join(stateFolder, "tmp") } });
}
