import type { CompiledResume } from "../../src/resume/compile.ts";
import { resume } from "../../src/resume/testing/carry.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import type { RuncContainer } from "../../src/resume/testing/runc-container.ts";
import type { ConformanceProgram } from "../catalogue.ts";
import { type Outcome, outcomeOf } from "../outcome.ts";
import { bundleOptions, letVerify, readLines } from "../program-container.ts";

/** The compiled program on this machine's CPU. */
export async function resumeNatively(
  program: ConformanceProgram,
  source: RuncContainer,
  root: string,
  compiled: CompiledResume,
): Promise<Outcome> {
  await using container = await resume(source, compiled, { ...bundleOptions(program), root });
  await letVerify(root);
  await eventually("the program's verdict", async () => (await container.read("c/done")) === "");
  return outcomeOf(await readLines(root));
}
