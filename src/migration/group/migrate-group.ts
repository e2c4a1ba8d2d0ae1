import type { Report } from "../../compatibility/report.ts";
import type { Strategy } from "../../compatibility/strategy.ts";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { MigrationError } from "../../errors.ts";
import { beginMove, type MoveBegin } from "../begin-move.ts";
import { carryOut } from "../carry-out.ts";
import { chooseStrategy, refusal } from "../choose-strategy.ts";
import type { EventListener } from "../events.ts";
import { refuseUnfinished } from "../journal/unfinished.ts";
import { lockContainer } from "../lock.ts";
import { containerName, type Move } from "../move.ts";
import { moveCourse } from "../move-course.ts";
import { newMoveId } from "../move-id.ts";
import { describePlan } from "../plan.ts";
import { type MigrationResult, nothingDone } from "../result.ts";
import { openTarget } from "../sides.ts";
import { signalOf } from "../signal.ts";
import { type ExaminedMember, examineMembers } from "./examine-members.ts";
import { type MigrateGroupOptions, refuseOptionsOfOne } from "./group-options.ts";
import { openMembers } from "./open-members.ts";

/** How a call of `migrateGroup` ended: for all members alike. */
export interface GroupResult {
  readonly status: MigrationResult["status"];
  /** What became of each, in the order in which they were named. */
  readonly members: readonly MigrationResult[];
}

/**
 * Moves running containers together to another machine, where they go on where they were: all are frozen at one moment and committed by one line
 * of a journal, or none. What they share, and the connections among them, come along.
 * @throws MigrationError only when nothing was begun: `usage`, `target-unreachable`, `engine-unavailable`, `container-not-found`,
 * `already-migrating`, `unfinished-move`
 */
export async function migrateGroup(options: MigrateGroupOptions): Promise<GroupResult> {
  const signal = signalOf(options, "the move");
  await using stack = new AsyncDisposableStack();
  const { source, records } = await openMembers({ ...options, signal }, stack);
  if (records.length > 1) refuseOptionsOfOne(options);
  await claim(records, options, stack);
  const target = await openTarget(options.target, stack, { ...options, signal }, options.targetEngine, source.engine.name);
  const begin = performance.now();
  const expected = { source: options.sourceArchitecture, target: options.targetArchitecture };
  const ids = records.map(({ Id: id }) => id);
  const members = await examineMembers(source, ids, target, { ...options, expected, signal });
  const asked = options.strategy ?? "auto";
  const strategy = chooseStrategy(asked, ...members.map(({ report }) => report));
  const commonOf = ({ subject, report }: ExaminedMember) => ({
    ...{ id: newMoveId(), container: containerName(subject) },
    ...{ source: source.host.name, sourceEngine: source.engine.name, target: target.host.name, strategy, report },
  });
  if (strategy === undefined) {
    return groupResult(
      members.map((member) => {
        const common = commonOf(member);
        return { ...common, ...nothingDone, status: "refused", error: refusalOf(asked, common, members) };
      }),
    );
  }
  if (options.dryRun === true) {
    const planOf = ({ subject, targetFacts }: ExaminedMember) => describePlan(subject, targetFacts!, options);
    return groupResult(
      members.map((member) => ({ ...commonOf(member), ...nothingDone, status: "planned", plan: planOf(member) })),
    );
  }
  const planned = members.map((member) => ({ ...member, ...commonOf(member) }));
  const moves = await beginAll(planned, { strategy, source, target, begin, signal }, options, stack);
  const done = await carryOut(moves, moveCourse(strategy), begin);
  return groupResult(
    done.map(({ ending, steps, figures }, index) => {
      const { subject: _subject, targetFacts: _facts, ...common } = planned[index]!;
      const told = { ...common, steps, figures, notes: moves[index]!.notes };
      return ending.status === "done" ? { ...told, ...ending, status: "migrated" } : { ...told, ...ending };
    }),
  );
}

function groupResult(members: readonly MigrationResult[]): GroupResult {
  return { status: members[0]!.status, members };
}

/**
 * Before anything is looked at: a container that another run has frozen would only look as if it could not be moved. In one order, so
 * that of two runs with the same containers one gets all.
 */
async function claim(
  records: readonly ContainerRecord[],
  { dryRun }: Pick<MigrateGroupOptions, "dryRun">,
  stack: AsyncDisposableStack,
): Promise<void> {
  const ordered = records.toSorted((a, b) => (a.Id < b.Id ? -1 : 1));
  for (const record of ordered) {
    if (dryRun !== true) stack.use(await lockContainer(record.Id, containerName({ container: record })));
    await refuseUnfinished(record.Id);
  }
}

/** Why one is not moved: what blocks it, or that others are blocked. */
function refusalOf(
  asked: "auto" | Strategy,
  { report, container }: { readonly report: Report; readonly container: string },
  members: readonly ExaminedMember[],
): MigrationError {
  const own = refusal(asked, report);
  if (own.message !== "") return own;
  const blocked = members
    .filter((member) => refusal(asked, member.report).message !== "")
    .map(({ subject }) => containerName(subject));
  return new MigrationError("incompatible", `${container} is moved with ${blocked.join(", ")}, which can't be moved`, {
    remedy: "Put right what stands in the way of those, or move it alone.",
  });
}

/** Begins the moves of a group. Whoever cancels one of them cancels all. */
async function beginAll(
  members: readonly (ExaminedMember & { readonly id: string; readonly container: string })[],
  common: Pick<MoveBegin, "strategy" | "source" | "target" | "begin" | "signal">,
  options: MigrateGroupOptions,
  stack: AsyncDisposableStack,
): Promise<Move[]> {
  const { onEvent, ...rest } = options;
  const ids = members.map(({ id }) => id);
  const group = ids.length === 1 ? undefined : ids;
  const moves: Move[] = [];
  for (const { id, container, subject, targetFacts } of members) {
    const listener = onEvent && moves.length > 0 ? bytesOnly(onEvent) : onEvent;
    const name = options.name ?? container;
    const own = { ...rest, ...(listener === undefined ? {} : { onEvent: listener }) };
    moves.push(await beginMove({ ...common, id, name, group, subject, targetFacts: targetFacts! }, own, stack));
  }
  const signal = AbortSignal.any(moves.flatMap((move) => move.signal ?? []));
  return moves.map((move) => ({ ...move, signal }));
}

/** What the other moves of a group tell beside the first. */
function bytesOnly(onEvent: EventListener): EventListener {
  return (event) => {
    if (event.type === "bytes") onEvent(event);
  };
}
