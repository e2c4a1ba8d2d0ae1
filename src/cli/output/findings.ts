import type { Finding, Severity } from "../../compatibility/report.ts";
import { machineName } from "../format/machine.ts";
import type { Look } from "../session.ts";
import { labelled } from "./indent.ts";

const groups: readonly { readonly severity: Severity; readonly title: string }[] = [
  { severity: "blocker", title: "Blockers" },
  { severity: "warning", title: "Warnings" },
  { severity: "info", title: "Facts" },
];

/** Findings by severity, the gravest first; groups without any are left out. */
export function findingLines(findings: readonly Finding[], severities: readonly Severity[], look: Look): string[] {
  return groups
    .filter(({ severity }) => severities.includes(severity))
    .flatMap(({ severity, title }) => {
      const found = findings.filter((finding) => finding.severity === severity);
      return found.length === 0 ? [] : [look.style.bold(title), ...found.flatMap((finding) => oneFinding(finding, look)), ""];
    });
}

function oneFinding({ rule, severity, host, seen, why, remedy }: Finding, { style, symbols }: Look): string[] {
  const sign = {
    blocker: style.red(symbols.cross),
    warning: style.yellow(symbols.warning),
    info: style.cyan(symbols.bullet),
  }[severity];
  return [
    `  ${sign} ${seen}  ${style.dim(`(${rule}, ${machineName(host)})`)}`,
    ...labelled("Why", why, 4),
    ...(remedy === undefined ? [] : labelled("Remedy", remedy, 4)),
  ];
}
