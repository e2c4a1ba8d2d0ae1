import type { Report, Strategy } from "../compatibility/report.ts";
import { MigrationError } from "../errors.ts";

/** Those that keep the memory; the one that needs less on the target comes first. */
const automatic: readonly Strategy[] = ["resume", "restore"];

/**
 * What a move is to be done by. `auto` never loses the memory by itself.
 * @returns undefined when it can't be done (the report says why)
 */
export function chooseStrategy(asked: "auto" | Strategy, { verdicts }: Report): Strategy | undefined {
  const candidates = asked === "auto" ? automatic : [asked];
  return candidates.find((strategy) => verdicts[strategy] === "ready");
}

/** Why a move is refused: all that blocks it. */
export function refusal({ findings }: Report): MigrationError {
  const blockers = findings.filter(({ severity }) => severity === "blocker");
  const [first] = blockers;
  const remedies = blockers.map(({ remedy }) => remedy).filter((text) => text !== undefined);
  return new MigrationError("incompatible", blockers.map(({ seen }) => seen).join("; "), {
    ...(first === undefined ? {} : { host: first.host }),
    ...(remedies.length === 0 ? {} : { remedy: remedies.join(" ") }),
    details: { rules: blockers.map(({ rule }) => rule) },
  });
}
