import type { LiveFacts } from "./live-facts.ts";
import type { Finding, Severity } from "./report.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What the rules judge. */
export interface Situation {
  readonly subject: Subject;
  /** Undefined: only the source is looked at. */
  readonly target: TargetFacts | undefined;
  /** The name that the container shall have on the target. */
  readonly name: string;
}

/** One thing that is looked at. The texts are also docs/compatibility.md. */
export interface Rule {
  readonly name: string;
  readonly side: "source" | "target";
  readonly severity: Severity;
  /** Why it matters. */
  readonly why: string;
  /** What the user can do. */
  readonly remedy: string | undefined;
  examine(situation: Situation): Finding[];
}

/** What was seen. `remedy` takes the place of the rule's own where it can be more exact. */
export type Sighting = string | { readonly seen: string; readonly remedy: string };

interface Definition<Facts> {
  readonly name: string;
  readonly severity: Severity;
  readonly why: string;
  readonly remedy?: string;
  /** Nothing when the rule does not apply. */
  see(facts: Facts, situation: Situation): readonly Sighting[];
}

export function sourceRule({ name, severity, why, remedy, see }: Definition<Subject>): Rule {
  const findings = (situation: Situation): Finding[] =>
    see(situation.subject, situation).map((sighting) =>
      finding({ rule: name, severity, host: situation.subject.host, why }, sighting, remedy),
    );
  return { name, side: "source", severity, why, remedy, examine: findings };
}

/** A rule about what the container's processes do. It says nothing of a container that doesn't run. */
export function liveRule({ see, ...definition }: Definition<LiveFacts>): Rule {
  return sourceRule({ ...definition, see: ({ live }, situation) => (live === undefined ? [] : see(live, situation)) });
}

/** A rule about the target, often together with the container. It says nothing while there is no target. */
export function targetRule({ name, severity, why, remedy, see }: Definition<TargetFacts>): Rule {
  const findings = (situation: Situation): Finding[] => {
    const { target } = situation;
    if (target === undefined) return [];
    return see(target, situation).map((sighting) => finding({ rule: name, severity, host: target.host, why }, sighting, remedy));
  };
  return { name, side: "target", severity, why, remedy, examine: findings };
}

function finding(known: Omit<Finding, "seen" | "remedy">, sighting: Sighting, usual: string | undefined): Finding {
  const seen = typeof sighting === "string" ? sighting : sighting.seen;
  const remedy = typeof sighting === "string" ? usual : sighting.remedy;
  return { ...known, seen, ...(remedy === undefined ? {} : { remedy }) };
}
