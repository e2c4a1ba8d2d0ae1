import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { CodeOfProcess, type ElfCache } from "./code-of-process.ts";
import { SystemCalls } from "./system-calls.ts";
import { TracedThread } from "./traced-thread.ts";

/** How long all threads together may take: a routine that works on gigabytes takes seconds. */
const limitMs = 20_000;
/** A thread whose breakpoint was not met is looked at again so often: it may have returned elsewhere. */
const lookMs = 500;
/** How long a stop may take: a thread in an uninterruptible sleep does not stop. */
const stopMs = 2_000;

export interface FrozenContainer {
  /** Its processes, as this machine counts. */
  readonly processes: readonly number[];
  /** A folder whose programs can be executed. */
  readonly workDirectory: string;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/**
 * How threads are stopped where a routine returns to. By the CPU's breakpoints, which change nothing in memory; but some hypervisors
 * let them be set and never met (seen on AMD EPYC under Firecracker, Linux 6.18): after the first miss, by an instruction.
 */
interface Breakpoints {
  ofCpu: boolean;
}

export interface StepOutOptions {
  /** Whether the CPU's breakpoints are tried. Default: yes. */
  readonly breakpointsOfCpu?: boolean;
}

/** A thread that was stopped between two instructions of a program, and where. */
interface Place {
  readonly tid: number;
  readonly code: CodeOfProcess;
}

/**
 * Threads of a frozen container that were caught inside of AVX-512 routines are moved to the routines' ends, while no other thread
 * of the container runs an instruction: every thread is stopped by ptrace before the container is thawed, and is let go after it
 * is frozen again.
 * @returns how many threads were moved. The container is frozen before and afterwards
 */
export async function stepOutOfAvx512(
  container: FrozenContainer,
  { breakpointsOfCpu = true }: StepOutOptions = {},
): Promise<number> {
  const files: ElfCache = new Map();
  const inside = container.processes.flatMap((pid) => threadsInside(pid, files));
  if (inside.length === 0) return 0;
  await using calls = await SystemCalls.open(container.workDirectory);
  const threads = new Map<number, TracedThread>();
  const deadline = performance.now() + limitMs;
  const breakpoints = { ofCpu: breakpointsOfCpu };
  let thawed = false;
  try {
    for (const tid of container.processes.flatMap(threadsOf)) {
      const thread = await TracedThread.seize(calls, tid);
      if (thread !== undefined) threads.set(tid, thread);
    }
    thawed = true;
    await container.thaw();
    for (const thread of threads.values()) await waitForStop(thread, performance.now() + stopMs);
    for (const { tid, code } of inside) await stepOut(threads.get(tid)!, code, breakpoints, deadline);
  } finally {
    try {
      if (thawed) await container.freeze();
    } finally {
      for (const thread of threads.values()) await thread.detach();
    }
  }
  return inside.length;
}

function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number);
}

function threadsInside(pid: number, files: ElfCache): Place[] {
  const stopped = threadsOf(pid).flatMap((tid) => {
    // "-1", the stack pointer and the instruction of a thread that is in no system call (fs/proc/base.c, proc_pid_syscall).
    const found = /^-1 0x[0-9a-f]+ 0x([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/task/${tid}/syscall`, "utf8"));
    return found === null ? [] : [{ tid, instruction: BigInt(`0x${found[1]}`) }];
  });
  if (stopped.length === 0) return [];
  const code = new CodeOfProcess(pid, files);
  return stopped.filter(({ instruction }) => code.isInsideAvx512(instruction)).map(({ tid }) => ({ tid, code }));
}

/** Lets one thread run to where its routine returns to. Signals wait meanwhile. */
async function stepOut(thread: TracedThread, code: CodeOfProcess, breakpoints: Breakpoints, deadline: number): Promise<void> {
  const mask = await thread.blockSignals();
  while (performance.now() < deadline && !thread.hasSignal) {
    const { instruction, stackPointer } = await thread.registers();
    if (!code.isInsideAvx512(instruction)) break;
    const address = code.returnAddress(stackPointer);
    const how = breakpoints.ofCpu || address === undefined ? runToBreakpoint : runToPlanted;
    const met = await how(thread, address!);
    if (met === "ended") return;
    if (met === "missed") breakpoints.ofCpu = false;
  }
  await thread.setSignalMask(mask);
}

type Run = "met" | "missed" | "ended";

async function runToBreakpoint(thread: TracedThread, address: bigint | undefined): Promise<Run> {
  await thread.setBreakpoint(address);
  const met = await run(thread);
  if (met !== "ended") await thread.setBreakpoint(undefined);
  return met;
}

async function runToPlanted(thread: TracedThread, address: bigint): Promise<Run> {
  const word = await thread.plant(address);
  const met = await run(thread);
  if (met === "ended") return met;
  if (met === "missed" && (await thread.registers()).instruction === address + 1n) {
    // Met in the moment of the interruption, which is told first: its SIGTRAP still waits.
    await thread.continue();
    await waitForStop(thread, performance.now() + stopMs);
  }
  await thread.takeOut(address, word);
  return met;
}

/** Lets a thread run until it stops, or for a while. */
async function run(thread: TracedThread): Promise<Run> {
  await thread.continue();
  const state = await waitForStop(thread, performance.now() + lookMs);
  if (state !== "running") return state === "ended" ? "ended" : "met";
  await thread.interrupt();
  const stopped = await waitForStop(thread, performance.now() + stopMs);
  if (stopped === "trap") return "met"; // in the last moment
  return stopped === "ended" ? "ended" : "missed";
}

async function waitForStop(thread: TracedThread, deadline: number): Promise<Awaited<ReturnType<TracedThread["look"]>>> {
  for (;;) {
    const state = await thread.look();
    if (state !== "running" || performance.now() > deadline) return state;
    await delay(1);
  }
}
