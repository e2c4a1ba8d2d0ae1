import type { Subject } from "./subject.ts";

/** Bytes of process memory that a container's dump will hold. */
export function processMemoryOf({ live, memoryBytes: known = 0 }: Pick<Subject, "live" | "memoryBytes">): number {
  return live === undefined ? known : live.processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}
