import type { Strategy } from "../compatibility/strategy.ts";
import { readLiveStatus } from "./control/client.ts";
import type { LiveStatus } from "./control/live-status.ts";
import type { Done, ErrorRecord, Operation } from "./journal/entry.ts";
import type { MoveRecord } from "./journal/move-record.ts";
import { readJournals } from "./journal/read-journals.ts";
import type { MadeObject } from "./objects/made-object.ts";
import type { MigrationFigures } from "./result.ts";

/**
 * - `running`: a tool is at work.
 * - `interrupted`: the tool that carried it out is gone: `recover` ends it.
 * - `stuck`: its rollback or its completion is not complete: `recover` tries again.
 * - `migrated`, `taken` (a checkpoint), `restored`, `rolled-back`: ended.
 */
export type MoveState = "running" | "interrupted" | "stuck" | Done | "rolled-back";

/** One move, checkpoint or restore, as the journal and the tool that carries it out tell of it. */
export interface MoveOverview {
  readonly id: string;
  readonly operation: Operation;
  readonly state: MoveState;
  /** The archive that is written, or that the container is made from. Undefined for a move. */
  readonly archive: string | undefined;
  readonly container: string;
  readonly containerId: string;
  /** The machine that the container is on, or was. */
  readonly source: string;
  readonly target: string;
  /** The moves that are committed together with it, itself among them; undefined for a move alone. */
  readonly group: readonly GroupedMove[] | undefined;
  /** The container's name on the target. */
  readonly name: string;
  /** Undefined for a checkpoint. */
  readonly strategy: Strategy | undefined;
  /** ISO 8601. */
  readonly begunAt: string;
  readonly updatedAt: string;
  /** The last step that was begun. */
  readonly step: string | undefined;
  readonly steps: readonly { readonly step: string; readonly at: string }[];
  /** Only while it runs. */
  readonly live: LiveStatus | undefined;
  /** What it has made (or was about to make) that is not removed. Empty when it has ended. */
  readonly made: readonly MadeObject[];
  /** Why it was undone, or is stuck. */
  readonly error: ErrorRecord | undefined;
  readonly remains: readonly string[];
  readonly figures: MigrationFigures | undefined;
}

export interface GroupedMove {
  readonly id: string;
  readonly container: string;
}

export interface ListOptions {
  /** Those that have ended too. */
  readonly all?: boolean;
}

/** Moves from this machine, the oldest first: those that are under way or unfinished, or all. @throws MigrationError `journal-damaged` */
export async function listMoves({ all = false }: ListOptions = {}): Promise<MoveOverview[]> {
  const records = await readJournals();
  const wanted = records.filter(({ end }) => all || end === undefined);
  return await Promise.all(wanted.map((record) => overviewOf(record, records)));
}

/**
 * @param which id of a move, or name or id of a container
 * @returns the latest move of it; one that is under way or unfinished comes first
 */
export async function findMove(which: string): Promise<MoveOverview | undefined> {
  const all = await readJournals();
  const records = all.filter(({ id, begin }) => [id, begin.container, begin.containerId].includes(which));
  const found = records.findLast(({ end }) => end === undefined) ?? records.at(-1);
  return found && (await overviewOf(found, all));
}

async function overviewOf(record: MoveRecord, all: readonly MoveRecord[]): Promise<MoveOverview> {
  const { id, begin, begunAt, updatedAt, steps, made, end, stuck, rollback } = record;
  const live = end === undefined ? await readLiveStatus(id) : undefined;
  return {
    ...{ id, begunAt, updatedAt, steps, live },
    state: end?.status ?? (live !== undefined ? "running" : stuck !== undefined ? "stuck" : "interrupted"),
    operation: begin.operation,
    archive: begin.archive,
    container: begin.container,
    containerId: begin.containerId,
    source: begin.source ?? "local",
    target: begin.target,
    group: begin.group?.map((other) => ({
      id: other,
      container: all.find(({ id: known }) => known === other)?.begin.container ?? "",
    })),
    name: begin.name,
    strategy: begin.strategy,
    step: live?.step ?? steps.at(-1)?.step,
    made: end === undefined ? made : [],
    error: end?.error ?? stuck?.error ?? rollback,
    remains: stuck !== undefined && end === undefined ? stuck.remains : [],
    figures: end?.figures,
  };
}
