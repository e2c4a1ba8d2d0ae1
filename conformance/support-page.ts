import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConformanceProgram, ways } from "./catalogue.ts";
import { type Row, wayTitles } from "./table.ts";

export const supportPage = join(import.meta.dirname, "../docs/support.md");
const begin = "<!-- made from conformance/programs by npm run conformance -- --write-docs -->\n";
const end = "<!-- end of what is made -->";

/** Puts what the programs showed into docs/support.md. Rows of all programs in all ways are needed. */
export async function writeSupportPage(rows: readonly Row[]): Promise<void> {
  const [before, , after] = await partsOfPage();
  await writeFile(supportPage, `${before}${begin}${tables(rows)}${end}${after}`);
}

/** What is before, within and after the part that is made. @throws Error when the page has no such part */
export async function partsOfPage(): Promise<readonly [before: string, made: string, after: string]> {
  const page = await readFile(supportPage, "utf8");
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to === -1) throw new Error("docs/support.md has lost the marks of the part that is made");
  return [page.slice(0, from), page.slice(from + begin.length, to), page.slice(to + end.length)];
}

function tables(rows: readonly Row[]): string {
  const titles = [...new Set(rows.map(({ program }) => program.title))].toSorted();
  const heads = ways.map((way) => wayTitles[way]);
  return titles
    .map((title) => {
      const ofTitle = rows.filter(({ program }) => program.title === title);
      return `\n### ${title}\n\n| | ${heads.join(" | ")} |\n|---|${heads.map(() => "---|").join("")}\n${ofTitle.map(line).join("")}`;
    })
    .join("");
}

function line({ program, outcomes }: Row): string {
  const cells = ways.map((way) => {
    const kind = outcomes[way]?.kind;
    if (kind === "passed") return "✔";
    const why = reasonOf(program, way);
    if (kind === "unavailable") return `not to be had where the tests run${why === undefined ? "" : `: ${why}`}`;
    const word = kind === "refused" ? "refused" : "✘";
    return why === undefined ? word : `${word}: ${why}`;
  });
  return `| ${claimOf(program)} | ${cells.join(" | ")} |\n`;
}

/** How the page words what a program shows. */
export function claimOf({ claim, name }: ConformanceProgram): string {
  return `${claim} [↗](../conformance/programs/${name}.c)`;
}

export function reasonOf({ exceptions, losses }: ConformanceProgram, way: (typeof ways)[number]): string | undefined {
  return exceptions[way] ?? losses[way];
}
