import assert from "node:assert/strict";
import type { Place } from "./workload.ts";

/** What the program has written, up to the move or since. */
export const lines = async ({ docker, container }: Place): Promise<string[]> =>
  (await docker("logs", container)).split("\n").filter((line) => line !== "");

/** Asserts that no line is missing or there twice. */
export function assertCounted(numbered: readonly string[]): void {
  assert.deepEqual(
    numbered,
    numbered.map((_, index) => String(index + 1)),
  );
}
