import { type ExaminedItem, examineItems, type MachineOptions, openMachine } from "./set-up-machine.ts";
import { trials } from "./trials/index.ts";
import type { TrialOutcome } from "./trials/trial.ts";

/** Something that was tried, and how it ended. */
export type TriedTrial = TrialOutcome & { readonly name: string; readonly title: string };

export interface TestResult {
  /** Whether all works: no item is `mendable` or `blocked`, no trial `blocked`. */
  readonly works: boolean;
  /** The machine, as the user named it. */
  readonly host: string;
  /** What its system is: `Debian GNU/Linux 13 (trixie)`. */
  readonly system: string;
  readonly items: readonly ExaminedItem[];
  readonly trials: readonly TriedTrial[];
}

/**
 * Examines a machine and tries what a move will do there, with a tiny container. Nothing is changed, and nothing stays.
 * @throws MigrationError `usage`, `target-unreachable`, `cancelled`
 */
export async function testMachine(options: MachineOptions): Promise<TestResult> {
  const { signal, onProgress = () => {} } = options;
  await using machine = await openMachine(options);
  const facts = await machine.read();
  const tried: TriedTrial[] = [];
  for (const { name, title, run } of trials) {
    const outcome = await run(machine.host, facts, { signal, onProgress });
    if (outcome !== undefined) tried.push({ name, title, ...outcome });
  }
  const items = examineItems(facts);
  const fails = [...items, ...tried].some(({ state }) => state === "mendable" || state === "blocked");
  return { works: !fails, host: machine.host.name, system: facts.system.name, items, trials: tried };
}
