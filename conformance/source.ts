import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { MigrationError } from "../src/errors.ts";
import type { CompiledResume } from "../src/resume/compile.ts";
import type { ResumeTarget } from "../src/resume/target.ts";
import { compile, dump, stepOut } from "../src/resume/testing/carry.ts";
import { eventually } from "../src/resume/testing/eventually.ts";
import type { RuncContainer } from "../src/resume/testing/runc-container.ts";
import { sameCpu } from "../src/resume/testing/targets.ts";
import { type Outcome, outcomeOfError } from "./outcome.ts";
import { readLines } from "./program-container.ts";

/** A thread may be stopped where it can't be resumed: it is elsewhere a moment later. */
const attempts = 10;

type Compiled = CompiledResume | Outcome;

/** A program that was dumped while it was ready, with its files as they were at that moment. */
export interface DumpedProgram {
  readonly container: RuncContainer;
  /** Copies of the container's root, one for each way that resumes. */
  readonly roots: Readonly<Record<"native" | "arm64", string>>;
  readonly native: Compiled;
  readonly emulated: Compiled;
}

/**
 * Starts the program, waits until it is ready, freezes and dumps it.
 * @param emulatedTarget what the emulated machine is
 * @throws Error when it can't be dumped
 */
export async function dumpProgram(container: RuncContainer, emulatedTarget: ResumeTarget): Promise<DumpedProgram | Outcome> {
  await container.start();
  const ended = await eventually("the program to be ready", async () => {
    const lines = await readLines(container.root);
    if (lines.length > 0) return lines;
    await container.read("c/ready");
    return "ready";
  });
  if (ended !== "ready") {
    const why = ended.join("; ");
    return why.startsWith("unavailable: ") ? { kind: "unavailable", why: why.slice(13) } : { kind: "failed", why };
  }
  for (let tries = 1; ; tries++) {
    await container.pause();
    await stepOut(container);
    await dump(container);
    const [native, emulated] = [await tryCompile(container, sameCpu), await tryCompile(container, emulatedTarget)];
    const transient = [native, emulated].some((result) => result === "again");
    if (transient && tries < attempts) {
      await container.call("resume", container.id);
      await delay(20 * tries);
      continue;
    }
    const roots = { native: container.path("root-native"), arm64: container.path("root-arm64") };
    for (const root of Object.values(roots)) await copyTree(container.root, root);
    const final = (result: Compiled | "again"): Compiled =>
      result === "again" ? { kind: "failed", why: "a thread was never where it can be resumed" } : result;
    return { container, roots, native: final(native), emulated: final(emulated) };
  }
}

async function tryCompile(container: RuncContainer, target: Parameters<typeof compile>[1]): Promise<Compiled | "again"> {
  try {
    return await compile(container, target);
  } catch (error) {
    if (error instanceof MigrationError && error.details.transient === true) return "again";
    return outcomeOfError(error);
  }
}

/** As it is: times, holes, named pipes, sockets and devices too, which Node.js's own copying does not know. */
async function copyTree(from: string, to: string): Promise<void> {
  await execa("cp", ["--archive", from, to]);
}
