import { machineName, placeOf } from "../../host/words.ts";
import type { MoveOverview, MoveState } from "../../migration/index.ts";
import { formatBytes } from "../../text/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import type { Look } from "../session.ts";
import { ownCommandLine } from "./command-line.ts";
import { tableLines } from "./table.ts";

/** What a state means, for people: where the container is. */
const meanings: Readonly<Record<MoveState, (move: MoveOverview) => string>> = {
  running: ({ live }) => {
    if (live?.rollingBack) return "being undone";
    return `${live?.cancelled ? "cancelled, ending: " : ""}${live?.title ?? "beginning"}${percentOf(live)}`;
  },
  interrupted: ({ operation, container, name, source, target, step }) =>
    `its tool is gone (in step ${step ?? "0"}); ${operation === "restore" ? `${name} may be half made on ${machineName(target)}` : `${container} may be frozen ${placeOf(source)}`}`,
  stuck: ({ error }) => `not complete: ${error?.message ?? "something is left"}`,
  migrated: ({ target, name }) => `${name} runs on ${machineName(target)}`,
  restored: ({ target, name }) => `${name} runs on ${machineName(target)}`,
  taken: ({ container, archive }) => `${container} is in ${archive}`,
  "rolled-back": ({ operation, container, source, error }) =>
    `${operation === "restore" ? "nothing of it is left" : `${container} stayed ${placeOf(source)}`}${error === undefined ? "" : `: ${error.message}`}`,
};

function percentOf(live: MoveOverview["live"]): string {
  if (live?.bytes === undefined) return "";
  if (live.totalBytes === undefined || live.totalBytes === 0) return `, ${formatBytes(live.bytes)}`;
  return `, ${Math.min(100, Math.floor((100 * live.bytes) / live.totalBytes))} % of ${formatBytes(live.totalBytes)}`;
}

/** Where the container goes. */
function destinationOf({ operation, archive, target }: MoveOverview): string {
  return operation === "checkpoint" ? (archive ?? "") : machineName(target);
}

/** How: by a strategy, into or out of an archive. */
function wayOf({ operation, strategy }: MoveOverview): string {
  return { migrate: strategy ?? "", checkpoint: "checkpoint", restore: `from an archive, ${strategy}` }[operation];
}

/** The containers that are moved together with it. */
function fellowsOf({ id, group = [] }: MoveOverview): string {
  return group.flatMap((other) => (other.id === id ? [] : [other.container])).join(", ");
}

/** A table of moves, the oldest first. */
export function moveTable(moves: readonly MoveOverview[], { style }: Look): string[] {
  const rows = moves.map((move) => [
    ...[move.id, move.container, destinationOf(move), wayOf(move), move.state],
    move.begunAt.slice(0, 19).replace("T", " "),
    meanings[move.state](move) + (fellowsOf(move) === "" ? "" : ` (together with ${fellowsOf(move)})`),
  ]);
  const [head = "", ...lines] = tableLines([["MOVE", "CONTAINER", "TARGET", "STRATEGY", "STATE", "BEGUN (UTC)", ""], ...rows]);
  return [style.bold(head.trimEnd()), ...lines];
}

/** What to do about moves that need somebody. */
export function nextLines(moves: readonly MoveOverview[]): string[] {
  const waiting = moves.filter(({ state }) => state === "interrupted" || state === "stuck");
  return waiting.map(({ id }) => `Next: ${ownCommandLine(["recover", id], {})}`);
}

/** All that is known of one move. */
export function moveLines(move: MoveOverview, look: Look): string[] {
  const { id, operation, archive, container, name, state, step, steps, live, error, remains, figures } = move;
  const as = name === container ? "" : ` as ${name}`;
  return [
    look.style.bold(`${operation === "restore" ? `${archive}: ` : ""}${container} to ${destinationOf(move)}${as}`),
    ...tableLines([
      ["  Move", id],
      ["  Strategy", wayOf(move)],
      ...(fellowsOf(move) === "" ? [] : [["  Together with", fellowsOf(move)]]),
      ["  State", `${state}: ${meanings[state](move)}`],
      ["  Begun", move.begunAt],
      ...(step === undefined ? [] : [["  Step", `${step} (${steps.length} begun)`]]),
      ...(live === undefined ? [] : [["  Running for", `${formatDuration(live.elapsedMs)}, process ${live.processId}`]]),
      ...(error === undefined ? [] : [["  Error", `${error.message} (${error.code})`]]),
      ...(error?.remedy === undefined ? [] : [["  Remedy", error.remedy]]),
      ...remains.map((line) => ["  Left", line]),
      ...(figures === undefined
        ? []
        : [
            ["  Downtime", formatDuration(figures.downtimeMs)],
            ["  Total", formatDuration(figures.totalMs)],
            ["  Sent", formatBytes(figures.bytesSent)],
          ]),
    ]),
    ...nextLines([move]),
  ];
}
