import { randomInt } from "node:crypto";
import { inspect, parseArgs } from "node:util";
import { ensureArm64Machine, ensureX86Machine } from "../lab/machines.ts";
import { type Strategy, strategies } from "../src/compatibility/strategy.ts";
import { ensureSource } from "../test/support/surroundings.ts";
import { containerOf } from "./container-spec.ts";
import { openStage, runCase } from "./run-case.ts";

const help = `npm run random -- [--count 100] [--seed N] [--machine x86|arm64] [--strategies ${strategies.join(",")}] [--show]

Makes containers at random (files of every kind, deletions, volumes, networks, options), moves each by one of the strategies in turn, and
compares what Docker says of it, its files, volumes and networks before and after, field by field. Each has a seed of its own, with
which its case can be repeated (--seed N --count 1 --strategies S); the first one is N. To arm64 only \`resume\` takes the image.
--show: only prints the containers. The exit status is 1 when a case fails.`;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: String(randomInt(2 ** 30)) },
    machine: { type: "string", default: "x86" },
    strategies: { type: "string" },
    show: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const ensure = { x86: ensureX86Machine, arm64: ensureArm64Machine }[values.machine];
if (ensure === undefined) throw new Error(`unknown machine: ${values.machine}; there are x86 and arm64`);
const chosen = (values.strategies ?? (values.machine === "arm64" ? "resume" : strategies.join(","))).split(",") as Strategy[];
const unknown = chosen.filter((name) => !strategies.includes(name));
if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}; there are ${strategies.join(", ")}`);
const [count, firstSeed] = [natural(values.count), natural(values.seed)];
const seeds = Array.from({ length: count }, (_, index) => firstSeed + index);

if (values.show) {
  for (const seed of seeds) console.log(seed, inspect(containerOf(seed), { depth: 8 }));
  process.exit(0);
}
await ensureSource();
await using stage = await openStage(await ensure());
let failed = 0;
for (const [index, seed] of seeds.entries()) {
  const strategy = chosen[index % chosen.length]!;
  const { problems, seconds, files } = await runCase(seed, strategy, stage);
  const verdict = problems.length === 0 ? "pass" : "FAIL";
  console.log(
    `${strategy.padEnd(11)} --seed ${String(seed).padEnd(11)} ${`${files} files`.padEnd(10)} ${seconds.toFixed(1)} s  ${verdict}`,
  );
  for (const problem of problems.slice(0, 40)) console.log(`    ${problem.slice(0, 500)}`);
  if (problems.length > 0) failed += 1;
}
console.log(`\n${count} containers moved to ${values.machine}: ${count - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && count > 0 ? 0 : 1;

function natural(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${text} is not a whole number`);
  return Number(text);
}
