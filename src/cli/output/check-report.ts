import type { Report } from "../../compatibility/report.ts";
import type { Look } from "../session.ts";
import { ownCommandLine } from "./command-line.ts";
import { findingLines } from "./findings.ts";

export interface CheckedMove {
  readonly container: string;
  readonly target: string | undefined;
  readonly sshConfig: string | undefined;
  readonly emulator?: string | undefined;
  readonly config?: string | undefined;
}

/** What `check` found, what follows from it, and what to do next. */
export function checkReportLines({ findings, verdicts }: Report, move: CheckedMove, look: Look): string[] {
  const { container, target, sshConfig, emulator, config } = move;
  const blockers = findings.filter(({ severity }) => severity === "blocker").length;
  const options = { "ssh-config": sshConfig, emulator, config };
  const again = ownCommandLine(["check", container, ...(target === undefined ? [] : [target])], options);
  const shown = findingLines(findings, ["blocker", "warning", "info"], look);
  if (verdicts.resume === "blocked") {
    const count = blockers === 1 ? "1 blocker" : `${blockers} blockers`;
    const where = target === undefined ? "" : ` to ${target}`;
    return [
      ...shown,
      look.style.red(`${look.symbols.cross} ${container} can't be moved${where}: ${count}.`),
      `Next: follow the remedies above, then run this again: ${again}`,
    ];
  }
  if (target === undefined) {
    return [
      ...shown,
      look.style.green(`${look.symbols.tick} ${container} can be moved, as far as this machine goes.`),
      `Next: check it with a target: ${ownCommandLine(["check", container], options)} ssh://[user@]host`,
    ];
  }
  return [
    ...shown,
    look.style.green(`${look.symbols.tick} ${container} can be moved to ${target}.`),
    `Next: ${ownCommandLine(["migrate", container, target], options)}`,
  ];
}
