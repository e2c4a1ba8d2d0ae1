import type { LiveFacts } from "./live-facts.ts";
import type { Finding, Severity } from "./report.ts";
import { memoryKeeping, type Strategy, strategies } from "./strategy.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What the rules judge. */
export interface Situation {
  readonly subject: Subject;
  /** Undefined: only the source is looked at. */
  readonly target: TargetFacts | undefined;
  /** The target's, or the one that a target shall have which is not named yet. As `uname -m` says it. */
  readonly targetArchitecture: string;
  /** The architectures that the user says the machines have. */
  readonly expected: Expected;
  /** The name that the container shall have on the target. */
  readonly name: string;
}

export interface Expected {
  readonly source?: string | undefined;
  readonly target?: string | undefined;
}

/** One thing that is looked at. The texts are also docs/compatibility.md. */
export interface Rule {
  readonly name: string;
  readonly side: "source" | "target";
  readonly severity: Severity;
  /** The strategies for which it has this severity. */
  readonly strategies: readonly Strategy[];
  /** The strategies for which a blocker is only a warning. */
  readonly warns: readonly Strategy[];
  /** Whether it is about what processes do at this moment: it may be otherwise at the next. */
  readonly momentary: boolean;
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
  /** Default: those that keep the memory. */
  readonly strategies?: readonly Strategy[];
  /** Default: none. */
  readonly warns?: readonly Strategy[];
  /** Default: no. */
  readonly momentary?: boolean;
  readonly why: string;
  readonly remedy?: string;
  /** Nothing when the rule does not apply. */
  see(facts: Facts, situation: Situation): readonly Sighting[];
}

/** For rules about what every strategy needs. */
export const every = strategies;

export function sourceRule(definition: Definition<Subject>): Rule {
  return rule(definition, "source", ({ subject }) => subject);
}

/** A rule about what the container's processes do. It says nothing of a container that doesn't run. */
export function liveRule({ see, ...definition }: Definition<LiveFacts>): Rule {
  return sourceRule({
    ...definition,
    momentary: true,
    see: ({ live }, situation) => (live === undefined ? [] : see(live, situation)),
  });
}

/** A rule about the target, often together with the container. It says nothing while there is no target. */
export function targetRule(definition: Definition<TargetFacts>): Rule {
  return rule(definition, "target", ({ target }) => target);
}

function rule<Facts extends { readonly host: string }>(
  { see, strategies = memoryKeeping, warns = [], momentary = false, remedy, ...texts }: Definition<Facts>,
  side: Rule["side"],
  factsOf: (situation: Situation) => Facts | undefined,
): Rule {
  const { name, severity, why } = texts;
  const blocks = severity === "blocker" ? strategies : [];
  const concerns = [...strategies, ...warns];
  return {
    ...texts,
    side,
    strategies,
    warns,
    momentary,
    remedy,
    examine(situation) {
      const facts = factsOf(situation);
      if (facts === undefined) return [];
      return see(facts, situation).map((sighting) =>
        finding({ rule: name, severity, blocks, concerns, host: facts.host, why }, sighting, remedy),
      );
    },
  };
}

function finding(known: Omit<Finding, "seen" | "remedy">, sighting: Sighting, usual: string | undefined): Finding {
  const seen = typeof sighting === "string" ? sighting : sighting.seen;
  const remedy = typeof sighting === "string" ? usual : sighting.remedy;
  return { ...known, seen, ...(remedy === undefined ? {} : { remedy }) };
}
