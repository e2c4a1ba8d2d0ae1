import { type Finding, findingsFor, type Report, type Severity } from "../../compatibility/report.ts";
import type { Strategy } from "../../compatibility/strategy.ts";
import { machineName } from "../../host/words.ts";
import type { Look } from "../session.ts";
import { labelled } from "./indent.ts";

const groups: readonly { readonly severity: Severity; readonly title: string }[] = [
  { severity: "blocker", title: "Blockers" },
  { severity: "warning", title: "Warnings" },
  { severity: "info", title: "Facts" },
];

/**
 * Findings by severity, the gravest first; groups without any are left out.
 * @param strategies those that the user wants to know of
 */
export function findingLines(
  report: Report,
  strategies: readonly Strategy[],
  severities: readonly Severity[],
  look: Look,
): string[] {
  const findings = findingsFor(report, strategies);
  return groups
    .filter(({ severity }) => severities.includes(severity))
    .flatMap(({ severity, title }) => {
      const found = findings.filter((finding) => finding.severity === severity);
      return found.length === 0
        ? []
        : [look.style.bold(title), ...found.flatMap((finding) => oneFinding(finding, strategies, look)), ""];
    });
}

function oneFinding(finding: Finding, strategies: readonly Strategy[], { style, symbols }: Look): string[] {
  const { rule, severity, host, seen, why, remedy } = finding;
  const sign = {
    blocker: style.red(symbols.cross),
    warning: style.yellow(symbols.warning),
    info: style.cyan(symbols.bullet),
  }[severity];
  return [
    `  ${sign} ${seen}  ${style.dim(`(${rule}, ${machineName(host)}${onlyFor(finding, strategies)})`)}`,
    ...labelled("Why", why, 4),
    ...(remedy === undefined ? [] : labelled("Remedy", remedy, 4)),
  ];
}

/** Which of several strategies a finding is about, unless it is about all of them. */
function onlyFor({ severity, blocks, concerns }: Finding, strategies: readonly Strategy[]): string {
  const about = severity === "blocker" ? blocks : concerns;
  const those = strategies.filter((strategy) => about.includes(strategy));
  return those.length === strategies.length ? "" : `, only ${those.join(" and ")}`;
}
