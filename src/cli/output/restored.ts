import { memoryKeeping } from "../../compatibility/strategy.ts";
import { machineName } from "../../host/words.ts";
import type { RestoreStrategy } from "../../migration/restore/restore-options.ts";
import type { RestoreResult } from "../../migration/restore/restore-result.ts";
import { formatBytes } from "../../text/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import type { Look, Session } from "../session.ts";
import { ownCommandLine } from "./command-line.ts";
import { failureLines } from "./failure.ts";
import { findingLines } from "./findings.ts";
import { planLines } from "./plan.ts";
import { noteLines } from "./summary.ts";

type Unsuccessful = Exclude<RestoreResult, { status: "restored" | "planned" }>;

/** Tells people how a restore ended: success on standard output, failure on standard error. */
export function printRestored(result: RestoreResult, asked: "auto" | RestoreStrategy, session: Session): void {
  const { outputLook, errorLook, verbose } = session;
  if (result.status === "restored") session.print(restoredLines(result, outputLook));
  else if (result.status === "planned") session.print(planLines([result], undefined, outputLook));
  else session.printError(unsuccessfulLines(result, asked, verbose, errorLook));
}

function restoredLines(result: RestoreResult & { status: "restored" }, look: Look): string[] {
  const { id, name, archive, target, targetContainerId, strategy = "resume", figures, report, notes, remains } = result;
  const { style, symbols } = look;
  return [
    style.green(`${symbols.tick} ${name} runs on ${machineName(target)}, from ${archive}`) +
      style.dim(` (container ${targetContainerId.slice(0, 12)})`),
    `  Total   ${formatDuration(figures.totalMs)}`,
    `  Sent    ${formatBytes(figures.bytesSent)}`,
    `  Memory  ${formatBytes(figures.memoryBytes)}`,
    ...noteLines(notes, look),
    ...findingLines(report, [strategy], ["warning"], look),
    ...(remains.length === 0 ? [] : [style.red(`${symbols.cross} The restore is not complete:`), ...leftLines(id, remains)]),
  ];
}

const headlines = {
  refused: "Refused",
  "rolled-back": "Not restored, undone",
  stuck: "Not restored, and not all is undone",
} as const;

function unsuccessfulLines(result: Unsuccessful, asked: "auto" | RestoreStrategy, verbose: boolean, look: Look): string[] {
  const { status, error, notes, report } = result;
  const wanted = asked === "auto" ? memoryKeeping[0] : asked;
  const blockers = status === "refused" ? findingLines(report, [wanted], ["blocker"], look) : [];
  return [
    ...blockers,
    ...failureLines(error, { headline: headlines[status], state: stateOf(result), verbose, look }),
    ...noteLines(notes, look),
  ];
}

/** How things stand after a restore that did not come about. */
function stateOf(result: Unsuccessful): string[] {
  if (result.status === "refused") return ["Nothing was changed."];
  const { id, target, remains } = result;
  if (remains.length > 0) return ["This is left:", ...leftLines(id, remains)];
  return [`Nothing is left of it on ${machineName(target)}; the archive is as it was.`];
}

function leftLines(id: string, remains: readonly string[]): string[] {
  return [...remains.map((line) => `  ${line}`), `When the cause is mended: ${ownCommandLine(["recover", id], {})}`];
}
