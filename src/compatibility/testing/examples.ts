import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExamineOptions, examine } from "../examine.ts";
import type { Finding, Report } from "../report.ts";
import { ruleGroups } from "../rules/index.ts";
import type { Subject } from "../subject.ts";
import type { TargetFacts } from "../target-facts.ts";
import { subjectWith, targetWith } from "./situations.ts";

export interface Miss extends ExamineOptions {
  readonly rule: string;
  readonly subject?: Subject;
  /** `none`: only the source is looked at. */
  readonly target?: TargetFacts | "none";
}

export interface Hit extends Miss {
  readonly seen: RegExp;
}

export function findingsOf({ rule, ...situation }: Miss): Finding[] {
  return reportOn(situation).findings.filter((finding) => finding.rule === rule);
}

function reportOn({ subject = subjectWith(), target = targetWith(), ...options }: Omit<Miss, "rule">): Report {
  return examine(subject, target === "none" ? undefined : target, options);
}

/**
 * Makes a test of each example, and one that each rule of the groups has a hit.
 * @param hits situations in which a rule has something to say
 * @param misses situations near those, in which it has not
 */
export function testExamples(titles: readonly string[], hits: readonly Hit[], misses: readonly Miss[]): void {
  const rules = ruleGroups.filter(({ title }) => titles.includes(title)).flatMap((group) => group.rules);
  const named = (name: string) => rules.find((rule) => rule.name === name);

  for (const { seen, ...situation } of hits) {
    test(`${situation.rule}: ${seen.source}`, () => {
      const rule = named(situation.rule);
      const { subject = subjectWith(), target = targetWith() } = situation;
      const machine = rule?.side === "target" && target !== "none" ? target : subject;
      const [finding, ...more] = findingsOf(situation);
      assert.deepEqual(more, []);
      assert.match(finding?.seen ?? "", seen);
      assert.equal(finding?.severity, rule?.severity);
      assert.equal(finding?.host, machine.host);
      if (finding?.severity !== "info") assert.ok((finding?.remedy ?? "") !== "");
      assert.deepEqual(finding?.blocks, rule?.severity === "blocker" ? rule.strategies : []);
      assert.deepEqual(finding?.concerns, [...(rule?.strategies ?? []), ...(rule?.warns ?? [])]);
      const { verdicts, blockers } = reportOn(situation);
      for (const strategy of finding?.blocks ?? []) {
        assert.equal(verdicts[strategy], "blocked");
        assert.ok(blockers[strategy].includes(situation.rule));
      }
    });
  }
  for (const [index, miss] of misses.entries()) {
    test(`${miss.rule}: silent, ${index}`, () => {
      assert.ok(named(miss.rule) !== undefined);
      assert.deepEqual(findingsOf(miss), []);
    });
  }
  test(`each rule has an example: ${titles.join(", ")}`, () => {
    assert.deepEqual(new Set(hits.map(({ rule }) => rule)), new Set(rules.map(({ name }) => name)));
  });
}
