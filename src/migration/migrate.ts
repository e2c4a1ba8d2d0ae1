import { examineLive } from "../compatibility/examine.ts";
import { readSubject, readSubjectAgain } from "../compatibility/subject.ts";
import { readTargetFacts, withPaths } from "../compatibility/target-facts.ts";
import { asItComes } from "./as-it-comes.ts";
import { beginMove } from "./begin-move.ts";
import { carryOut } from "./carry-out.ts";
import { chooseStrategy, refusal } from "./choose-strategy.ts";
import { readEmulatorDescription } from "./emulator-file.ts";
import { refuseUnfinished } from "./journal/unfinished.ts";
import { lockContainer } from "./lock.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { containerName } from "./move.ts";
import { moveCourse } from "./move-course.ts";
import { newMoveId } from "./move-id.ts";
import { describePlan } from "./plan.ts";
import { type MigrationResult, nothingDone } from "./result.ts";
import { openSource, openTarget } from "./sides.ts";
import { signalOf } from "./signal.ts";

/**
 * Moves a running container to another machine, where it goes on where it was. Until the commit the source's memory stays
 * where it is: any failure removes what was made on the target and lets the source go on.
 * @throws MigrationError only when nothing was begun: `usage`, `target-unreachable`, `engine-unavailable`, `container-not-found`,
 * `already-migrating`, `unfinished-move`
 */
export async function migrate(options: MigrateOptions): Promise<MigrationResult> {
  const signal = signalOf(options, "the move");
  await using stack = new AsyncDisposableStack();
  const source = await openSource(options.source, options.container, stack, { ...options, signal });
  const { Id, Name } = await source.engine.inspect(source.container);
  const container = containerName({ container: { Name } });
  // Before anything is looked at: a container that another run has frozen would only look as if it could not be moved.
  if (options.dryRun !== true) stack.use(await lockContainer(Id, container));
  await refuseUnfinished(Id);
  const target = await openTarget(options.target, stack, { ...options, signal }, options.targetEngine);
  const begin = performance.now();
  const criuBinary = options.configuration?.criuBinary;
  const emulator = await readEmulatorDescription(options.emulator);
  const [found, facts] = await Promise.all([
    readSubject(source.engine, Id, { signal, criuBinary }),
    readTargetFacts(target.host, target.engine, { signal, emulator }),
  ]);
  const subject = asItComes(found, options);
  const targetFacts = await withPaths(facts, target.host, subject, signal);
  const expected = { source: options.sourceArchitecture, target: options.targetArchitecture };
  const report = await examineLive(subject, targetFacts, { name: options.name ?? container, expected }, async () =>
    asItComes(await readSubjectAgain(source.engine, found, { signal }), options),
  );
  const strategy = chooseStrategy(options.strategy ?? "auto", report);
  const { name: sourceEngine } = source.engine;
  const machines = { source: source.host.name, sourceEngine, target: target.host.name };
  const common = { id: newMoveId(), container, ...machines, strategy, report };
  if (strategy === undefined)
    return { ...common, ...nothingDone, status: "refused", error: refusal(options.strategy ?? "auto", report) };
  if (options.dryRun === true)
    return { ...common, ...nothingDone, status: "planned", plan: describePlan(subject, targetFacts, options) };
  const name = options.name ?? container;
  const move = await beginMove(
    { id: common.id, strategy, name, source, target, subject, targetFacts, begin, signal },
    options,
    stack,
  );
  const { ending, steps, figures } = await carryOut(move, moveCourse(strategy), begin);
  const told = { ...common, steps, figures, notes: move.notes };
  return ending.status === "done" ? { ...told, ...ending, status: "migrated" } : { ...told, ...ending };
}
