import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { finished } from "node:stream/promises";
import { spec } from "node:test/reporters";
import { execa } from "execa";
import { countNames, runLane, type TestCounts } from "./support/lane.ts";
import { ensureSource } from "./support/surroundings.ts";

/**
 * Runs all tests, in two lanes at the same time, since most of them wait for machines. Each lane takes its files one after the other and has
 * a lab of its own, whose machines a test may break. Both use this machine's Docker: containers, networks and ports there are named by one file only.
 */
const lanes: readonly { readonly patterns: readonly string[]; readonly lab: string }[] = [
  { patterns: ["test/arm64/*.test.ts"], lab: "" },
  {
    patterns: ["src/**/*.test.ts", "lab/**/*.test.ts", "conformance/**/*.test.ts", "random/**/*.test.ts", "test/*.test.ts"],
    lab: "second",
  },
];

const root = join(import.meta.dirname, "..");
/** The longest test takes 90 s on two cores. */
const timeoutMs = 6 * 60_000;
const preload = join(import.meta.dirname, "support/file-limit.ts");

const started = performance.now();
const interrupted = new AbortController();
const atWork = new Map<string, string>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.log(`interrupted by ${signal}; at work: ${[...atWork.values()].join(", ")}`);
    interrupted.abort();
  });
}

await ensureSource();
const reporter = new spec();
reporter.pipe(process.stdout);
const all = await Promise.all(
  lanes.map(async ({ patterns, lab }) => {
    const env = { ...process.env, MIGRATE_LAB: lab };
    const files = globSync(patterns, { cwd: root })
      .sort()
      .map((file) => join(root, file));
    const counts = await runLane({
      files,
      env,
      timeoutMs,
      preload,
      signal: interrupted.signal,
      report: (events) => {
        for (const event of events) {
          reporter.write(event);
          if (event.type === "test:fail") console.error(whyItFailed(event.data.details.error));
        }
      },
      begin: (file) => atWork.set(lab, relative(root, file)),
    });
    // The default lab's machines stay for the next run: the emulated ones are slow to start.
    if (lab !== "") await execa(process.execPath, [join(root, "lab/main.ts"), "stop"], { env, stdio: "inherit" });
    return counts;
  }),
);
reporter.end();
await finished(reporter);
tell(all);

/** The reporter tells it at the very end only, to which a run that takes too long does not come. */
function whyItFailed(error: Error): string {
  return String(error.cause instanceof Error ? (error.cause.stack ?? error.cause) : (error.cause ?? error))
    .split("\n", 12)
    .join("\n");
}

/** Says how it ended, in the words of node's own test runner, which programs read. */
function tell(parts: readonly TestCounts[]): void {
  const sum = (name: (typeof countNames)[number]) => parts.reduce((total, counts) => total + counts[name], 0);
  const words: Partial<Record<string, string>> = { passed: "pass", failed: "fail" };
  for (const name of countNames) console.log(`ℹ ${words[name] ?? name} ${sum(name)}`);
  console.log(`ℹ duration_ms ${performance.now() - started}`);
  const isGood = parts.every(({ tests }) => tests > 0) && sum("failed") === 0 && sum("cancelled") === 0;
  process.exitCode = isGood ? 0 : 1;
}
