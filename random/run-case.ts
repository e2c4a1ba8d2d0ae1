import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import type { LabMachine } from "../lab/machines.ts";
import type { Strategy } from "../src/compatibility/strategy.ts";
import { DockerEngine } from "../src/engine/docker/engine.ts";
import { upperDirectory } from "../src/engine/docker/upper.ts";
import { openLocalHost } from "../src/host/local.ts";
import { openHost } from "../src/host/open.ts";
import { migrate } from "../src/index.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import { compare } from "./compare.ts";
import { type ContainerSpec, containerOf } from "./container-spec.ts";
import { buildImage, image } from "./image.ts";
import { readState } from "./record.ts";
import { container, removeContainer, startContainer } from "./start.ts";

/** Where the cases happen. */
export interface Stage extends AsyncDisposable {
  readonly machine: LabMachine;
  readonly source: DockerEngine;
  readonly target: DockerEngine;
}

export interface CaseResult {
  /** What is not as it must be. Empty: the case has passed. */
  readonly problems: readonly string[];
  readonly seconds: number;
  /** How many files there are in its trees. */
  readonly files: number;
}

/** Makes the image and reaches both machines. @throws MigrationError as `DockerEngine.open` */
export async function openStage(machine: LabMachine): Promise<Stage> {
  await buildImage();
  const there = await openHost(machine.target, { configFile: machine.sshConfig });
  const here = openLocalHost();
  return {
    machine,
    source: await DockerEngine.open(here),
    target: await DockerEngine.open(there),
    async [Symbol.asyncDispose]() {
      for (const host of [here, there]) await host.run(["docker", "image", "rm", "--force", image]);
      await there.close();
    },
  };
}

/** Moves the container that a seed stands for, and compares it with what it was. */
export async function runCase(seed: number, strategy: Strategy, stage: Stage): Promise<CaseResult> {
  const { machine, source, target } = stage;
  const begin = performance.now();
  const problems: string[] = [];
  let files = 0;
  await clean(stage);
  try {
    await startContainer(source, await movable(containerOf(seed), strategy, machine));
    const before = await readState(source);
    files = Object.values(before.files).reduce((sum, tree) => sum + Object.keys(tree).length, 0);
    const result = await migrate({ container, target: machine.target, sshConfig: machine.sshConfig, strategy });
    if (result.status === "migrated") {
      problems.push(...compare(before, await readState(target), strategy));
      problems.push(...(await countProblems(target, strategy)));
    } else {
      const why = "error" in result ? result.error : result.report.blockers;
      problems.push(`the move ended as ${result.status}: ${inspect(why)}`);
    }
  } catch (error) {
    problems.push(inspect(error));
  } finally {
    await clean(stage);
  }
  return { problems, seconds: (performance.now() - begin) / 1000, files };
}

/** Bit of CAP_SYS_RESOURCE (linux/capability.h). */
const sysResource = 24n;

/**
 * The container, run by root where this machine's root may not read the limits of other users' processes, as a dump must; and without `--init` where
 * CRIU would restore it (rule `restore.init`) or an emulator runs it (`container.init`).
 */
async function movable(spec: ContainerSpec, strategy: Strategy, { name }: LabMachine): Promise<ContainerSpec> {
  if (strategy === "replatform") return spec;
  const [, capabilities = "0"] = /^CapEff:\s*(.*)$/m.exec(await readFile("/proc/self/status", "utf8"))!;
  const canDump = ((BigInt(`0x${capabilities}`) >> sysResource) & 1n) === 1n;
  const { config, host } = spec;
  return {
    ...spec,
    config: canDump ? config : { ...config, User: "0" },
    host: strategy === "restore" || name === "arm64-lab" ? { ...host, Init: false } : host,
  };
}

async function clean({ source, target }: Stage): Promise<void> {
  await removeContainer(source);
  await removeContainer(target);
}

/** Of the numbers that it counts, the program logs those that are divided by this one (faults/counter.c). */
const loggedEach = 10;

/** It must go on to count, in its file and in its logs. */
async function countProblems(target: DockerEngine, strategy: Strategy): Promise<string[]> {
  const file = `${await upperDirectory(target, container)}/count`;
  const { Path, Args, HostConfig } = await target.inspect(container);
  const places = [{ what: "counted", step: 1, read: async () => numbersOf(await target.host.must(["cat", file])) }];
  if ([Path, ...Args].includes("--log") && HostConfig.LogConfig?.Type !== "none") {
    places.push({ what: "logged", step: loggedEach, read: async () => numbersOf(await target.logs(container, 1_000_000)) });
  }
  const problems: string[] = [];
  for (const { what, step, read } of places) {
    const { length } = await read();
    try {
      await eventually(`a later number that is ${what}`, async () => (await read()).length > length, 60_000);
      problems.push(...sequenceProblems(await read(), step, strategy).map((pair) => `it ${what} ${pair}`));
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}

function numbersOf(text: string): number[] {
  return text.split("\n").slice(0, -1).map(Number);
}

/** Without a gap where its memory came along; where it was started anew, from the first number on. @returns what follows what wrongly */
function sequenceProblems(numbers: readonly number[], step: number, strategy: Strategy): string[] {
  const breaks = numbers.flatMap((number, index) => {
    const before = numbers[index - 1] ?? 0;
    return number === before + step ? [] : [`${before}, ${number}`];
  });
  if (strategy !== "replatform") return breaks;
  return breaks.length === 1 && breaks[0]!.endsWith(`, ${step}`) ? [] : [`${breaks.join("; ")} (started anew)`];
}
