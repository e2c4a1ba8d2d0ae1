import { parseArgs } from "node:util";
import { buildProgram } from "./build-programs.ts";
import { ways as allWays, readCatalogue, type Way } from "./catalogue.ts";
import { runProgram } from "./run-program.ts";
import { writeSupportPage } from "./support-page.ts";
import { emphasize, formatHead, formatReasons, formatRow, formatSummary, problemsOf, type Row } from "./table.ts";
import { Arm64 } from "./ways/arm64.ts";

const help = `npm run conformance -- [--ways criu,native,arm64] [--emulator PATH] [--json] [--write-docs] [program…]

Runs conformance programs in containers, dumps each with CRIU, lets it go on in three ways and prints the table: restored by
CRIU itself, resumed on this CPU, resumed on an emulated ARM64 machine. A program is named by its path (files/append) or a
part of it (files/). --emulator names another emulator
on the ARM64 machine than the one of its binfmt_misc. --write-docs puts the table of all programs into docs/support.md. The exit status is 1 when a way does less than CRIU without saying so in docs/support.md.`;

const { values, positionals } = parseArgs({
  options: {
    ways: { type: "string" },
    emulator: { type: "string" },
    json: { type: "boolean" },
    "write-docs": { type: "boolean" },
    help: { type: "boolean" },
  },
  allowPositionals: true,
});
if (values.help === true) {
  console.log(help);
  process.exit(0);
}
const chosen = (values.ways?.split(",") ?? allWays) as Way[];
const unknown = chosen.filter((way) => !allWays.includes(way));
if (unknown.length > 0) throw new Error(`unknown way ${unknown.join(", ")}; there are ${allWays.join(", ")}`);
const programs = (await readCatalogue()).filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.startsWith(part)),
);
for (const program of programs) await buildProgram(program);
const say = values.json === true ? console.error : console.log;
await using arm64 = chosen.includes("arm64") ? await Arm64.open(values.emulator) : undefined;
const rows: Row[] = [];
say(emphasize(formatHead()));
for (const program of programs) {
  const row = { program, outcomes: await runProgram(program, chosen, arm64) };
  rows.push(row);
  say(formatRow(row));
  for (const line of formatReasons(row)) say(line);
}
say(`\n${programs.length} programs\n${formatSummary(rows)}`);
const problems = rows.flatMap((row) => problemsOf(row).map((problem) => `${row.program.name}: ${problem}`));
if (problems.length > 0) say(`\n${problems.length} problems\n${problems.join("\n")}`);
if (values["write-docs"] === true) {
  if (positionals.length > 0 || values.ways !== undefined) throw new Error("--write-docs needs all programs in all ways");
  await writeSupportPage(rows);
}
if (values.json === true) console.log(JSON.stringify({ rows, problems }, undefined, 2));
process.exitCode = problems.length > 0 ? 1 : 0;
