import assert from "node:assert/strict";
import { eventually } from "../../src/resume/testing/eventually.ts";
import type { Place } from "./workload.ts";

/** What the program has written since its start, wherever it ran. */
export const lines = async ({ docker, container }: Place): Promise<string[]> =>
  (await docker("logs", container)).split("\n").filter((line) => line !== "");

/** Asserts that a program that was moved has gone on to count its lines from 1, and that none is missing or there twice. @param there where it was moved to */
export async function assertCounted(here: Place, there: Place): Promise<void> {
  const before = (await lines(here)).length;
  await eventually("the next lines", async () => (await lines(there)).length > before + 3);
  const numbered = await lines(there);
  assert.deepEqual(
    numbered,
    numbered.map((_, index) => String(index + 1)),
  );
}
