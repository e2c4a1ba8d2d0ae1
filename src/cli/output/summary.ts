import { type Report, reportOf } from "../../compatibility/report.ts";
import { machineName } from "../../host/words.ts";
import type { MigrationFigures, MigrationResult, StepResult } from "../../migration/result.ts";
import { formatBytes, formatRate } from "../../text/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import { printable } from "../format/printable.ts";
import type { Look } from "../session.ts";
import { ownCommandLine } from "./command-line.ts";
import { findingLines } from "./findings.ts";
import { removeSourceLine } from "./source-container.ts";

export interface AskedMove {
  /** The name on the target. Default: the same. */
  readonly name?: string | undefined;
  readonly leaveSource: "stopped" | "removed";
}

type Migrated = MigrationResult & { status: "migrated" };

/** What came of moves that succeeded, together if they are several. */
export function summaryLines(results: readonly Migrated[], { name, leaveSource }: AskedMove, look: Look): string[] {
  const [first] = results as readonly [Migrated];
  const { id, strategy = "resume", remains, steps } = first;
  const { style, symbols } = look;
  const as = name === undefined || name === results[0]!.container ? "" : ` as ${name}`;
  return [
    ...results.map(
      ({ container, target, targetContainerId }) =>
        style.green(`${symbols.tick} ${container} now runs on ${machineName(target)}${as}`) +
        style.dim(` (container ${targetContainerId.slice(0, 12)})`),
    ),
    ...figureLines(allFigures(results), steps),
    ...noteLines(notesOf(results), look),
    "",
    ...findingLines(oneReport(results), [strategy], ["warning"], look),
    ...(remains.length === 0
      ? removeSourceLine(
          results.map(({ container }) => container),
          leaveSource,
          first,
        )
      : [
          style.red(`${symbols.cross} The move is not complete:`),
          ...remains.map((line) => `  ${line}`),
          `Next: ${ownCommandLine(["recover", id], {})}`,
        ]),
  ];
}

/** Of several together: as long as the longest, as much as all. */
function allFigures(results: readonly Migrated[]): MigrationFigures {
  const most = (of: (figures: MigrationFigures) => number) => Math.max(...results.map(({ figures }) => of(figures)));
  const sum = (of: (figures: MigrationFigures) => number) => results.reduce((all, { figures }) => all + of(figures), 0);
  return {
    downtimeMs: most(({ downtimeMs }) => downtimeMs),
    frozenMs: most(({ frozenMs }) => frozenMs),
    totalMs: most(({ totalMs }) => totalMs),
    bytesSent: sum(({ bytesSent }) => bytesSent),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    fileBytes: sum(({ fileBytes }) => fileBytes),
  };
}

/** What was found of all of them, each once. */
function oneReport(results: readonly Migrated[]): Report {
  const findings = results.flatMap(({ report }) => report.findings);
  return reportOf([...new Map(findings.map((finding) => [`${finding.rule} ${finding.seen}`, finding])).values()]);
}

/** The notes of each move; of several with the container's name. */
export function notesOf(results: readonly Pick<MigrationResult, "container" | "notes">[]): string[] {
  return results.flatMap(({ container, notes }) => notes.map((note) => (results.length === 1 ? note : `${container}: ${note}`)));
}

export function noteLines(notes: readonly string[], { style, symbols }: Look): string[] {
  return notes.length === 0 ? [] : ["", style.bold("Notes"), ...notes.map((note) => `  ${symbols.bullet} ${printable(note)}`)];
}

function figureLines(
  { downtimeMs, frozenMs, totalMs, bytesSent, memoryBytes }: MigrationFigures,
  steps: readonly StepResult[],
): string[] {
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
