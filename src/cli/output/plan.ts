import type { MigrationResult } from "../../migration/result.ts";
import type { Look } from "../session.ts";
import { findingLines } from "./findings.ts";
import { noteLines } from "./summary.ts";

/** What a dry run tells. @param commandLine what does it in earnest, where that is told */
export function planLines(
  result: Pick<MigrationResult & { status: "planned" }, "report" | "strategy" | "plan" | "notes">,
  commandLine: string | undefined,
  look: Look,
): string[] {
  return [
    ...findingLines(result.report, [result.strategy ?? "resume"], ["warning"], look),
    look.style.bold("What would be done"),
    ...result.plan.map((line, index) => `  ${String(index + 1).padStart(2)}. ${line}`),
    ...noteLines(result.notes, look),
    "",
    ...(commandLine === undefined ? ["Nothing was changed."] : ["Nothing was changed. To do it:", `  ${commandLine}`]),
  ];
}
