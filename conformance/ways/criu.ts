import { criuForTests } from "../../src/criu/testing/criu.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import type { RuncContainer } from "../../src/resume/testing/runc-container.ts";
import { type Outcome, outcomeOf } from "../outcome.ts";
import { letVerify, readLines } from "../program-container.ts";

/** CRIU's own restore of the dump on this machine, by the runtime: what the others are measured by. */
export async function restoreWithCriu(container: RuncContainer): Promise<Outcome> {
  const { binDirectory } = await criuForTests();
  await container.call("delete", "--force", container.id);
  await container.restore(binDirectory);
  await letVerify(container.root);
  await eventually("the program's verdict", async () => (await container.read("c/done")) === "");
  return outcomeOf(await readLines(container.root));
}
