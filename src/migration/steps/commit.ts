import { exitWords } from "../../engine/docker/exit-words.ts";
import { MigrationError } from "../../errors.ts";
import { cleanUp, endSource } from "../finish.ts";
import type { Arrival, Move, Side } from "../move.ts";

/** The journal says that the target's copies are the containers: now the source's are ended, as soon as it is seen that every copy runs. */
export async function commit(moves: readonly Move[]): Promise<string[]> {
  for (const { target, targetContainerId } of moves) {
    await assertRuns(
      target,
      targetContainerId!,
      "The container goes on on the source. Look at the target's load, memory and Docker, then try again.",
    );
  }
  const outcomes: string[] = [];
  for (const { source, container, options } of moves) outcomes.push(await endSource(source, container, options.leaveSource));
  return outcomes;
}

/** The last look before the source's memory, or what a restore could undo, is given up. */
export async function assertRuns({ engine, host }: Side, id: string, remedy: string): Promise<void> {
  const { State } = await engine.inspect(id);
  if (State.Running) return;
  throw new MigrationError("validation-failed", `the moved container has ended${exitWords(State)}`, {
    host: host.name,
    remedy,
  });
}

/** Removes what only the move needed, on both machines. */
export async function clean({ id, target, workDirectory, targetContainerId }: Arrival): Promise<string> {
  await cleanUp({ moveId: id, target, workDirectory, targetContainerId: targetContainerId! });
  return "the dump is removed from both machines";
}
