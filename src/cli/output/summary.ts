import type { MigrationResult } from "../../migration/result.ts";
import { formatBytes, formatRate } from "../../text/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import { machineName } from "../format/machine.ts";
import { printable } from "../format/printable.ts";
import type { Look } from "../session.ts";
import { ownCommandLine } from "./command-line.ts";
import { findingLines } from "./findings.ts";
import { removeSourceLine } from "./source-container.ts";

export interface AskedMove {
  /** The name on the target. */
  readonly name: string;
  readonly leaveSource: "stopped" | "removed";
}

/** What came of a move that succeeded. */
export function summaryLines(
  result: MigrationResult & { status: "migrated" },
  { name, leaveSource }: AskedMove,
  look: Look,
): string[] {
  const { id, strategy = "resume", container, target, targetContainerId, notes, report, remains } = result;
  const { style, symbols } = look;
  const as = name === container ? "" : ` as ${name}`;
  return [
    style.green(`${symbols.tick} ${container} now runs on ${machineName(target)}${as}`) +
      style.dim(` (container ${targetContainerId.slice(0, 12)})`),
    ...figureLines(result),
    ...noteLines(notes, look),
    "",
    ...findingLines(report, [strategy], ["warning"], look),
    ...(remains.length === 0
      ? removeSourceLine(container, leaveSource, result)
      : [
          style.red(`${symbols.cross} The move is not complete:`),
          ...remains.map((line) => `  ${line}`),
          `Next: ${ownCommandLine(["recover", id], {})}`,
        ]),
  ];
}

export function noteLines(notes: readonly string[], { style, symbols }: Look): string[] {
  return notes.length === 0 ? [] : ["", style.bold("Notes"), ...notes.map((note) => `  ${symbols.bullet} ${printable(note)}`)];
}

function figureLines({ figures, steps }: MigrationResult): string[] {
  const { downtimeMs, frozenMs, totalMs, bytesSent, memoryBytes } = figures;
  const sendingMs = steps.reduce(
    (sum, { step, durationMs }) => (step === "send" || step === "send-image" ? sum + durationMs : sum),
    0,
  );
  const rate = sendingMs > 0 && bytesSent > 0 ? ` at ${formatRate(bytesSent / (sendingMs / 1000))}` : "";
  return [
    `  Downtime  ${formatDuration(downtimeMs)}, from the freeze until it ran on the target`,
    `  Frozen    ${formatDuration(frozenMs)}, while it was dumped`,
    `  Total     ${formatDuration(totalMs)}`,
    `  Sent      ${formatBytes(bytesSent)}${rate}`,
    `  Memory    ${formatBytes(memoryBytes)}`,
  ];
}
