import { plainName } from "../engine/docker/container-name.ts";
import { type Report, reportOf } from "./report.ts";
import type { Expected, Situation } from "./rule.ts";
import { rules } from "./rules/index.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";

export interface ExamineOptions {
  /** The name that the container shall have on the target. Default: the name it has. */
  readonly name?: string | undefined;
  /** What the user says that the machines are. Without a target, the rules assume `target`, by default `aarch64`. */
  readonly expected?: Expected | undefined;
}

/**
 * Says what stands in the way of a move. What is worst comes first.
 * @param target undefined: only the source is looked at
 */
export function examine(subject: Subject, target: TargetFacts | undefined, options: ExamineOptions = {}): Report {
  const situation = situationOf(subject, target, options);
  return reportOf(rules.flatMap((rule) => rule.examine(situation)));
}

/** What can't be said of an archive: of its machine, and of a container that runs. */
const ofTheSource = new Set(["container.running", "container.auto-remove"]);

/** As `examine`, for a container that is in an archive. */
export function examineArchived(subject: Subject, target: TargetFacts, options: ExamineOptions): Report {
  const situation = situationOf(subject, target, options);
  const judged = rules.filter(({ name }) => !name.startsWith("source.") && !ofTheSource.has(name));
  return reportOf(judged.flatMap((rule) => rule.examine(situation)));
}

function situationOf(subject: Subject, target: TargetFacts | undefined, { name, expected = {} }: ExamineOptions): Situation {
  return {
    subject,
    target,
    targetArchitecture: target?.hostFacts.architecture ?? expected.target ?? "aarch64",
    expected,
    name: name ?? plainName(subject.container.Name),
  };
}

const momentary = new Set(rules.filter((rule) => rule.momentary).map(({ name }) => name));

/**
 * As `examine`, for a subject that lives: processes come and go while they are read, and one that ends looks odd (its parent is
 * gone, its namespaces are left). So a blocker of that kind counts only if a second look finds it too.
 */
export async function examineLive(
  subject: Subject,
  target: TargetFacts | undefined,
  options: ExamineOptions,
  lookAgain: () => Promise<Subject>,
): Promise<Report> {
  const first = examine(subject, target, options);
  if (!first.findings.some(({ rule, severity }) => severity === "blocker" && momentary.has(rule))) return first;
  const second = examine(await lookAgain(), target, options);
  const rulesOfFirst = new Set(first.findings.map(({ rule }) => rule));
  return reportOf(second.findings.filter(({ rule, severity }) => severity !== "blocker" || rulesOfFirst.has(rule)));
}
