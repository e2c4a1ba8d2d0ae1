import type { ExaminedItem } from "../../setup/set-up-machine.ts";
import type { TriedTrial } from "../../setup/test-machine.ts";
import type { Look } from "../session.ts";
import { labelled } from "./indent.ts";

/** What was found of one thing, or how a trial of it ended. */
export type MachineRow = ExaminedItem | TriedTrial;

/**
 * A table of how a machine stands, each thing with what was found and the remedy.
 * @param ownCommand what mends what can be mended, as the user can type it; undefined: the rows say themselves what will be done
 */
export function machineTable(rows: readonly MachineRow[], ownCommand: string | undefined, { style, symbols }: Look): string[] {
  const width = Math.max(...rows.map(({ title }) => title.length));
  const signs: Readonly<Record<MachineRow["state"], string>> = {
    good: style.green(symbols.tick),
    limited: style.yellow(symbols.warning),
    mendable: ownCommand === undefined ? style.yellow(symbols.arrow) : style.red(symbols.cross),
    blocked: style.red(symbols.cross),
    untried: style.dim(symbols.bullet),
  };
  return rows.flatMap((row) => {
    const found = row.state === "untried" ? `not tried: ${row.found}` : row.found;
    return [`  ${signs[row.state]} ${row.title.padEnd(width)}  ${found}`, ...remedyLines(row, ownCommand)];
  });
}

function remedyLines(row: MachineRow, ownCommand: string | undefined): string[] {
  if (row.state === "mendable") {
    const changes = row.changes.join(", and ");
    return labelled(
      ownCommand === undefined ? "Will" : "Remedy",
      ownCommand === undefined ? changes : `\`${ownCommand}\` will ${changes}.`,
      6,
    );
  }
  return "remedy" in row ? labelled("Remedy", row.remedy, 6) : [];
}
