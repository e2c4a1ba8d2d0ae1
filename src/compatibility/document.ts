import type { Rule } from "./rule.ts";
import { ruleGroups } from "./rules/index.ts";
import { strategies } from "./strategy.ts";

/** The part of docs/compatibility.md that is made from the rules. */
export function rulesDocument(): string {
  return ruleGroups
    .map(({ title, rules }) =>
      [
        `## ${title}`,
        "",
        `| rule | ${strategies.join(" | ")} | why | what to do |`,
        `|---|${"---|".repeat(strategies.length)}---|---|`,
        ...rules.map(row),
        "",
      ].join("\n"),
    )
    .join("\n");
}

function row(rule: Rule): string {
  const means = strategies.map((strategy) =>
    rule.strategies.includes(strategy) ? rule.severity : rule.warns.includes(strategy) ? "warning" : "",
  );
  return `| \`${rule.name}\` | ${means.join(" | ")} | ${cell(rule.why)} | ${cell(rule.remedy ?? "")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
