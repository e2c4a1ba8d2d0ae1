import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";

/** In the order of the closing lines of node's test runner. */
export const countNames = ["tests", "suites", "passed", "failed", "cancelled", "skipped", "todo"] as const;
export type TestCounts = Record<(typeof countNames)[number], number>;

export interface LaneOptions {
  /** Absolute paths. */
  readonly files: string[];
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds of one test. */
  readonly timeoutMs: number;
  /** A module that each file's process loads first. */
  readonly preload: string;
  readonly signal: AbortSignal;
  /** Takes what a reporter takes. Of a test that has begun all comes in one call, up to its end, so that it may share its reporter. */
  report(events: readonly TestEvent[]): void;
  /** A file begins. */
  begin(file: string): void;
}

/** Runs test files one after the other, each in a process of its own. Whether all passed is in what it returns. */
export async function runLane({ files, env, timeoutMs, preload, signal, report, begin }: LaneOptions): Promise<TestCounts> {
  const events = run({ files, concurrency: 1, timeout: timeoutMs, execArgv: ["--import", preload], signal, env });
  let counts: TestCounts | undefined;
  let open: TestEvent[] | undefined;
  for await (const event of events as AsyncIterable<TestEvent>) {
    const { type, data } = event;
    if (type === "test:dequeue" && data.nesting === 0 && data.name === data.file) begin(data.name);
    // The types of 26.6 have no `failed`.
    if (type === "test:summary" && data.file === undefined) counts = data.counts as typeof data.counts & { failed: number };
    // What is said of the lane as a whole.
    if (data === undefined || !("file" in data) || data.file === undefined) continue;
    if (type === "test:start" && data.nesting === 0) open = [];
    // Output comes as it is written, before the tests that it is of.
    if (open === undefined || type === "test:stdout" || type === "test:stderr") report([event]);
    else open.push(event);
    if ((type === "test:pass" || type === "test:fail") && data.nesting === 0) {
      report(open ?? []);
      open = undefined;
    }
  }
  if (counts === undefined) throw new Error("the test runner ended without a summary");
  return counts;
}
