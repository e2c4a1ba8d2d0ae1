import type { Rule } from "./rule.ts";
import { ruleGroups } from "./rules/index.ts";

/** The part of docs/compatibility.md that is made from the rules. */
export function rulesDocument(): string {
  return ruleGroups
    .map(({ title, rules }) =>
      [`## ${title}`, "", "| rule | | why | what to do |", "|---|---|---|---|", ...rules.map(row), ""].join("\n"),
    )
    .join("\n");
}

function row({ name, severity, why, remedy }: Rule): string {
  return `| \`${name}\` | ${severity} | ${cell(why)} | ${cell(remedy ?? "")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
