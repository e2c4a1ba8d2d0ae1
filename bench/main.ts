import { benchCompile } from "./compile.ts";
import { benchTransfer } from "./transfer.ts";
import { benchVolumes } from "./volumes.ts";

const benchmarks: Readonly<Record<string, () => Promise<boolean>>> = {
  compile: benchCompile,
  transfer: benchTransfer,
  volumes: benchVolumes,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0 || names.length === 0) {
  console.error(`Usage: npm run bench -- <name…>; there is ${Object.keys(benchmarks).join(", ")}.`);
  process.exit(2);
}
let good = true;
for (const name of names) good = (await benchmarks[name]!()) && good;
process.exitCode = good ? 0 : 1;
