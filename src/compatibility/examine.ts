import type { Finding, Report, Severity } from "./report.ts";
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
  return reportOf(findings);
}

function reportOf(findings: readonly Finding[]): Report {
  const blocked = findings.some(({ severity }) => severity === "blocker");
  return {
    findings,
    verdicts: { resume: blocked ? "blocked" : "ready", restore: blocked ? "blocked" : "ready", replatform: "ready" },
  };
}

/**
 * As `examine`, for a subject that lives: processes come and go while they are read, and one that ends looks odd (its parent is
 * gone, its namespaces are left). So a blocker counts only if a second look finds it too.
 */
export async function examineLive(
  subject: Subject,
  target: TargetFacts | undefined,
  options: ExamineOptions,
  lookAgain: () => Promise<Subject>,
): Promise<Report> {
  const first = examine(subject, target, options);
  if (first.verdicts.resume !== "blocked") return first;
  const second = examine(await lookAgain(), target, options);
  const rules = new Set(first.findings.map(({ rule }) => rule));
  const findings = second.findings.filter(({ rule, severity }) => severity !== "blocker" || rules.has(rule));
  return reportOf(findings);
}
