import type { ProcessFacts } from "../live-facts.ts";

/**
 * Puts the container's first process first and marks those that an exec session began: their parent is not a process of the
 * container, but the engine's shim. What a session leaves behind becomes a child of the first process, and so the container's own.
 */
export function markSessions(processes: readonly Omit<ProcessFacts, "execSession">[], first: number): ProcessFacts[] {
  const parents = new Map(processes.map(({ pid, parentPid }) => [pid, parentPid]));
  const belongsToFirst = (pid: number): boolean => {
    let at: number | undefined = pid;
    for (let steps = 0; at !== undefined && steps <= processes.length; steps++) {
      if (at === first) return true;
      at = parents.get(at);
    }
    return false;
  };
  return processes
    .map((process) => ({ ...process, execSession: !belongsToFirst(process.pid) }))
    .sort((a, b) => Number(b.pid === first) - Number(a.pid === first) || a.pid - b.pid);
}
