import { parseArgs } from "node:util";
import { ensureArm64Machine, ensureX86Machine } from "../lab/machines.ts";
import { ensureSource } from "../test/support/surroundings.ts";
import { buildCounterImage } from "./counter.ts";
import { casesOf, type Fault, type FaultCase, faults, type Way, ways } from "./fault-case.ts";
import { openLink } from "./link.ts";
import { type CaseResult, runCase, undisturbed } from "./run-case.ts";

const help = `npm run faults -- [--ways ${Object.keys(ways).join(",")}] [--faults ${faults.join(",")}] [--at TEXT] [--json]

Moves a container that counts without pause, and lets a fault strike at each entry of the move's journal: the tool is killed before
and after it, the link is cut, the target's engine is stopped. After \`recover\` (twice) exactly one copy must run, with no number
missing or twice, and nothing of the tool may be left. --at: only where the entry's name has this text. The exit status is 1
when a case fails.`;

const { values } = parseArgs({
  options: {
    ways: { type: "string", default: Object.keys(ways).join(",") },
    faults: { type: "string", default: faults.join(",") },
    at: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const say = values.json ? console.error : console.log;
const chosenWays = chosen<Way>(values.ways, Object.keys(ways) as Way[]);
const chosenFaults = chosen<Fault>(values.faults, faults);

await ensureSource();
await buildCounterImage();
const results: (FaultCase & CaseResult)[] = [];
for (const way of chosenWays) {
  const machine = await (ways[way].machine === "x86" ? ensureX86Machine() : ensureArm64Machine());
  await using link = await openLink(machine);
  const stage = { machine, link };
  const cases = casesOf(way, await undisturbed(way, stage)).filter(
    ({ fault, point }) => chosenFaults.includes(fault) && point.what.includes(values.at),
  );
  say(`\n${way}: ${cases.length} cases\n${row("fault", "where", "move", "container", "count", "time", "")}`);
  for (const each of cases) {
    const result = await runCase(each, stage);
    results.push({ ...each, ...result });
    const { status = "killed", where = "nowhere", count, seconds, problems } = result;
    const at = `${each.point.when} ${each.point.what}`;
    say(row(each.fault, at, status, where, String(count), `${seconds.toFixed(1)} s`, problems.length === 0 ? "pass" : "FAIL"));
    for (const problem of problems.slice(0, 12)) say(`    ${problem}`);
  }
}
const failed = results.filter(({ problems }) => problems.length > 0);
say(`\n${results.length} cases: ${results.length - failed.length} passed, ${failed.length} failed`);
if (values.json) console.log(JSON.stringify({ results }, undefined, 2));
process.exitCode = failed.length === 0 && results.length > 0 ? 0 : 1;

function row(...cells: readonly string[]): string {
  const widths = [12, 28, 12, 10, 8, 8, 0];
  return cells
    .map((cell, index) => cell.padEnd(widths[index]!))
    .join(" ")
    .trimEnd();
}

function chosen<Name extends string>(text: string, all: readonly Name[]): Name[] {
  const names = text.split(",") as Name[];
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}; there are ${all.join(", ")}`);
  return names;
}
