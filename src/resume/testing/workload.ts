import { cp, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { copyNewestGlibc, withNewestGlibc } from "./newest-glibc.ts";
import { type ContainerOptions, RuncContainer } from "./runc-container.ts";

/** What workload.py tells of itself. */
export interface WorkloadState {
  /** Stays the same. */
  readonly steady: Readonly<Record<string, unknown>> & { readonly threads: object };
  /** The tick at which it looked at what stays the same. */
  readonly seen: number;
  readonly going: {
    readonly ticks: number;
    readonly sleeps: number;
    readonly steps: number;
    readonly computedRight: boolean;
    /** Seconds left, and interval, of ITIMER_REAL. */
    readonly alarm: number;
    readonly alarmInterval: number;
    /** Seconds. */
    readonly monotonic: number;
    readonly expirations: number;
    readonly passed: readonly number[];
    readonly woken: readonly string[];
    readonly handled: readonly number[];
  };
}

export interface WorkloadOptions extends Omit<ContainerOptions, "arguments"> {
  /** Instead of the container's own glibc. */
  readonly newestGlibc?: boolean;
}

/** Starts workload.py in a container and waits until all of its threads are at work. */
export async function startWorkload({ newestGlibc = false, ...options }: WorkloadOptions = {}): Promise<RuncContainer> {
  const words = [...(newestGlibc ? withNewestGlibc : []), "/usr/bin/python3", "/workload.py"];
  const container = await RuncContainer.create({ ...options, arguments: words });
  try {
    if (newestGlibc) await copyNewestGlibc(container.root);
    await cp(fileURLToPath(new URL("workload.py", import.meta.url)), `${container.root}/workload.py`);
    await container.start();
    await eventually("the workload", async () => {
      const { steady, going } = await readState(container);
      return going.ticks > 3 && Object.keys(steady.threads).length === 3;
    });
    return container;
  } catch (cause) {
    const output = await container.output();
    await container[Symbol.asyncDispose]();
    throw new Error(`the workload did not start: ${output}`, { cause });
  }
}

export async function readState(container: RuncContainer): Promise<WorkloadState> {
  return JSON.parse(await container.read("state"));
}

/** Has the workload look at itself no more, so that it holds no file of /proc when it is dumped. */
export async function calm(container: RuncContainer): Promise<void> {
  await writeFile(`${container.root}/quiet`, "");
  await eventually("the workload to be quiet", async () => {
    const { seen, going } = await readState(container);
    return going.ticks > seen + 1;
  });
}

/** Has it look again. @returns what it sees */
export async function look(container: RuncContainer): Promise<WorkloadState> {
  const { seen } = await readState(container);
  await rm(`${container.root}/quiet`);
  return await eventually("the workload's look at itself", async () => {
    const state = await readState(container);
    return state.seen > seen ? state : undefined;
  });
}

/** The numbers of all ticks, as they were written. */
export async function readTicks(container: RuncContainer): Promise<number[]> {
  return (await container.read("tmp/workload/log")).trim().split("\n").map(Number);
}

/** Has the workload use what it holds. @returns what it found */
export async function finish(container: RuncContainer): Promise<Record<string, unknown>> {
  await writeFile(`${container.root}/finish`, "");
  return JSON.parse(await eventually("the workload's last words", () => container.read("finished")));
}
