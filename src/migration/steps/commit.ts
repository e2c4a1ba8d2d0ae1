import { cleanUp, endSource } from "../finish.ts";
import type { Move } from "../move.ts";

/** The journal says that the target's copy is the container: now the source's is ended. */
export async function commit({ container, source, options }: Move): Promise<string> {
  return await endSource(source, container, options.leaveSource);
}

/** Removes what only the move needed, on both machines. */
export async function clean({ id, source, target, workDirectory, targetContainerId }: Move): Promise<string> {
  await cleanUp({ moveId: id, source, target, workDirectory, targetContainerId: targetContainerId! });
  return "the dump is removed from both machines";
}
