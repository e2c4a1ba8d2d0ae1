import type { MigrationResult } from "../../migration/result.ts";
import type { Look } from "../session.ts";
import { findingLines } from "./findings.ts";
import { noteLines } from "./summary.ts";

/** What a dry run tells. @param commandLine what does it in earnest */
export function planLines(result: MigrationResult & { status: "planned" }, commandLine: string, look: Look): string[] {
  return [
    ...findingLines(result.report, [result.strategy ?? "resume"], ["warning"], look),
    look.style.bold("What would be done"),
    ...result.plan.map((line, index) => `  ${String(index + 1).padStart(2)}. ${line}`),
    ...noteLines(result.notes, look),
    "",
    "Nothing was changed. To do it:",
    `  ${commandLine}`,
  ];
}
