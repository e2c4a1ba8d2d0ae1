import type { Report, Severity } from "./report.ts";
import { rules } from "./rules/index.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";

export interface ExamineOptions {
  /** The name that the container shall have on the target. Default: the name it has. */
  readonly name?: string | undefined;
}

const order: readonly Severity[] = ["blocker", "warning", "info"];

/**
 * Says what stands in the way of a move. What is worst comes first.
 * @param target undefined: only the source is looked at
 */
export function examine(subject: Subject, target: TargetFacts | undefined, { name }: ExamineOptions = {}): Report {
  const situation = { subject, target, name: name ?? subject.container.Name.replace(/^\//, "") };
  const findings = rules
    .flatMap((rule) => rule.examine(situation))
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const blocked = findings.some(({ severity }) => severity === "blocker");
  return { findings, verdicts: { resume: blocked ? "blocked" : "ready" } };
}
