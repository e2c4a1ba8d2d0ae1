import { qemuUser } from "../src/resume/emulators/qemu-user.ts";
import { emulatedTarget } from "../src/resume/target.ts";
import { buildProgram } from "./build-programs.ts";
import type { ConformanceProgram, Way } from "./catalogue.ts";
import { NetworkNamespace } from "./network-namespace.ts";
import { attempt, type Outcome } from "./outcome.ts";
import { createProgramContainer } from "./program-container.ts";
import { dumpProgram } from "./source.ts";
import type { Arm64 } from "./ways/arm64.ts";
import { restoreWithCriu } from "./ways/criu.ts";
import { resumeNatively } from "./ways/native.ts";

export type Outcomes = Readonly<Partial<Record<Way, Outcome>>>;

/**
 * Dumps the program once and lets it go on in each of the ways.
 * @param arm64 the machine, when it is one of the ways
 */
export async function runProgram(program: ConformanceProgram, ways: readonly Way[], arm64: Arm64 | undefined): Promise<Outcomes> {
  const everywhere = (outcome: Outcome): Outcomes => Object.fromEntries(ways.map((way) => [way, outcome]));
  await using network = await NetworkNamespace.create();
  await using container = await createProgramContainer(program, await buildProgram(program), network.path);
  let dumped: Awaited<ReturnType<typeof dumpProgram>>;
  try {
    dumped = await dumpProgram(container, emulatedTarget(arm64?.emulator ?? qemuUser(undefined)));
  } catch (error) {
    return everywhere({ kind: "unavailable", why: `CRIU can't dump it: ${String(error).slice(-500)}` });
  }
  if ("kind" in dumped) return everywhere(dumped);
  const { roots, native, emulated } = dumped;
  const outcomes: Partial<Record<Way, Outcome>> = {};
  if (ways.includes("criu")) outcomes.criu = await attempt(() => restoreWithCriu(container));
  if (ways.includes("native")) {
    outcomes.native = "kind" in native ? native : await attempt(() => resumeNatively(program, container, roots.native, native));
  }
  if (arm64 !== undefined) {
    outcomes.arm64 =
      "kind" in emulated ? emulated : await attempt(() => arm64.resume(program, container.path("images"), roots.arm64, emulated));
  }
  return outcomes;
}
