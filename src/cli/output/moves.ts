import type { MoveOverview, MoveState } from "../../migration/index.ts";
import { formatBytes } from "../../text/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import { machineName } from "../format/machine.ts";
import type { Look } from "../session.ts";
import { ownCommandLine } from "./command-line.ts";
import { tableLines } from "./table.ts";

/** What a state means, for people: where the container is. */
const meanings: Readonly<Record<MoveState, (move: MoveOverview) => string>> = {
  running: ({ live }) => {
    if (live?.rollingBack) return "being undone";
    return `${live?.cancelled ? "cancelled, ending: " : ""}${live?.title ?? "beginning"}${percentOf(live)}`;
  },
  interrupted: ({ container, step }) => `its tool is gone (in step ${step ?? "0"}); ${container} may be frozen here`,
  stuck: ({ error }) => `not complete: ${error?.message ?? "something is left"}`,
  migrated: ({ target, name }) => `${name} runs on ${machineName(target)}`,
  "rolled-back": ({ container, error }) => `${container} stayed here${error === undefined ? "" : `: ${error.message}`}`,
};

function percentOf(live: MoveOverview["live"]): string {
  if (live?.bytes === undefined) return "";
  if (live.totalBytes === undefined || live.totalBytes === 0) return `, ${formatBytes(live.bytes)}`;
  return `, ${Math.min(100, Math.floor((100 * live.bytes) / live.totalBytes))} % of ${formatBytes(live.totalBytes)}`;
}

/** A table of moves, the oldest first. */
export function moveTable(moves: readonly MoveOverview[], { style }: Look): string[] {
  const rows = moves.map((move) => [
    ...[move.id, move.container, machineName(move.target), move.strategy, move.state],
    ...[move.begunAt.slice(0, 19).replace("T", " "), meanings[move.state](move)],
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
  const { id, container, name, target, strategy, state, step, steps, live, error, remains, figures } = move;
  const as = name === container ? "" : ` as ${name}`;
  return [
    look.style.bold(`${container} to ${machineName(target)}${as}`),
    ...tableLines([
      ["  Move", id],
      ["  Strategy", strategy],
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
