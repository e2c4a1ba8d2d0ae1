import { findingsFor, type Report } from "../compatibility/report.ts";
import { memoryKeeping, type Strategy } from "../compatibility/strategy.ts";
import { MigrationError } from "../errors.ts";

/**
 * What a move is to be done by; of several together, what all of them can be moved by. `auto` never loses the memory by itself.
 * @returns undefined when it can't be done (the reports say why)
 */
export function chooseStrategy(asked: "auto" | Strategy, ...reports: readonly Pick<Report, "verdicts">[]): Strategy | undefined {
  const candidates = asked === "auto" ? memoryKeeping : [asked];
  return candidates.find((strategy) => reports.every(({ verdicts }) => verdicts[strategy] === "ready"));
}

/** Why a move is refused: all that blocks what was asked for; of several strategies, the one that is taken first. */
export function refusal(asked: "auto" | Strategy, report: Report): MigrationError {
  const wanted = asked === "auto" ? memoryKeeping[0] : asked;
  const blockers = findingsFor(report, [wanted]).filter(({ severity }) => severity === "blocker");
  const [first] = blockers;
  const remedies = blockers.map(({ remedy }) => remedy).filter((text) => text !== undefined);
  return new MigrationError("incompatible", blockers.map(({ seen }) => seen).join("; "), {
    ...(first === undefined ? {} : { host: first.host }),
    ...(remedies.length === 0 ? {} : { remedy: remedies.join(" ") }),
    details: { rules: blockers.map(({ rule }) => rule) },
  });
}
