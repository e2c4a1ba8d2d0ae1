import type { Report } from "../../compatibility/report.ts";
import type { Strategy } from "../../compatibility/strategy.ts";
import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { MigrationError } from "../../errors.ts";
import { beginMove } from "../begin-move.ts";
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
import { openSide } from "../sides.ts";
import { signalOf } from "../signal.ts";
import { type ExaminedMember, examineMembers } from "./examine-members.ts";
import { findMembers } from "./find-members.ts";
import { type MigrateGroupOptions, refuseOptionsOfOne } from "./group-options.ts";

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
  const source = await openSide(options.source ?? "local", stack, { ...options, signal });
  const records = await findMembers(source.engine, options, signal);
  if (records.length > 1) refuseOptionsOfOne(options);
  await claim(records, options, stack);
  const target = await openSide(options.target, stack, { ...options, signal });
  const begin = performance.now();
  const expected = { source: options.sourceArchitecture, target: options.targetArchitecture };
  const ids = records.map(({ Id: id }) => id);
  const members = await examineMembers(source, ids, target, { ...options, expected, signal });
  const asked = options.strategy ?? "auto";
  const strategy = chooseStrategy(asked, ...members.map(({ report }) => report));
  const planned = members.map((member) => ({
    member,
    common: {
      id: newMoveId(),
      container: containerName(member.subject),
      ...{ source: source.host.name, target: target.host.name, strategy, report: member.report },
    },
  }));
  if (strategy === undefined) {
    const refused = planned.map(({ common }) => ({ ...common, ...nothingDone, error: refusalOf(asked, common, members) }));
    return { status: "refused", members: refused.map((result) => ({ ...result, status: "refused" })) };
  }
  if (options.dryRun === true) {
    const results = planned.map(({ member: { subject, targetFacts }, common }): MigrationResult => {
      return { ...common, ...nothingDone, status: "planned", plan: describePlan(subject, targetFacts!, options) };
    });
    return { status: "planned", members: results };
  }
  const moves: Move[] = [];
  const group = planned.length === 1 ? undefined : planned.map(({ common }) => common.id);
  for (const { member, common } of planned) {
    const { subject, targetFacts } = member;
    const onEvent = moves.length === 0 ? options.onEvent : options.onEvent && ofOthers(options.onEvent);
    const name = options.name ?? common.container;
    const known = { id: common.id, strategy, name, group, source, target, subject, targetFacts: targetFacts!, begin, signal };
    const { onEvent: _all, ...rest } = options;
    moves.push(await beginMove(known, { ...rest, ...(onEvent === undefined ? {} : { onEvent }) }, stack));
  }
  const done = await carryOut(withOneSignal(moves), moveCourse(strategy), begin);
  const results = done.map(({ ending, steps, figures }, index): MigrationResult => {
    const told = { ...planned[index]!.common, steps, figures, notes: moves[index]!.notes };
    return ending.status === "done" ? { ...told, ...ending, status: "migrated" } : { ...told, ...ending };
  });
  return { status: results[0]!.status, members: results };
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

/** The events of the other moves of a group that those of the first don't tell already. */
function ofOthers(onEvent: EventListener): EventListener {
  return (event) => {
    if (event.type === "bytes") onEvent(event);
  };
}

/** Whoever cancels one of them cancels all. */
function withOneSignal(moves: readonly Move[]): readonly Move[] {
  if (moves.length === 1) return moves;
  const signal = AbortSignal.any(moves.flatMap((move) => move.signal ?? []));
  return moves.map((move) => ({ ...move, signal }));
}
