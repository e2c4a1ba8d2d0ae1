import type { MigrationResult } from "../../migration/result.ts";
import type { Look } from "../session.ts";
import { findingLines } from "./findings.ts";
import { noteLines, notesOf } from "./summary.ts";

type Planned = Pick<MigrationResult & { status: "planned" }, "container" | "report" | "strategy" | "plan" | "notes">;

/** What a dry run tells of each. @param commandLine what does it in earnest, where that is told */
export function planLines(results: readonly Planned[], commandLine: string | undefined, look: Look): string[] {
  const isOne = results.length === 1;
  return [
    ...results.flatMap(({ container, report, strategy, plan }) => [
      ...findingLines(report, [strategy ?? "resume"], ["warning"], look),
      look.style.bold(`What would be done${isOne ? "" : ` with ${container}, together with the others`}`),
      ...plan.map((line, index) => `  ${String(index + 1).padStart(2)}. ${line}`),
      ...(isOne ? [] : [""]),
    ]),
    ...noteLines(notesOf(results), look),
    ...(isOne ? [""] : []),
    ...(commandLine === undefined ? ["Nothing was changed."] : ["Nothing was changed. To do it:", `  ${commandLine}`]),
  ];
}
