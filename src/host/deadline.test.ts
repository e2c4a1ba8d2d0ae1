import assert from "node:assert/strict";
import { test } from "node:test";
import { withDeadline } from "./deadline.ts";
import { openLocalHost } from "./local.ts";

const options = { host: "ssh://board", what: "telling what it is", ms: 200 } as const;

test("deadline: what hangs ends in an error that names the machine, and is ended", async () => {
  await using host = openLocalHost();
  let ended: Promise<unknown> = Promise.resolve();
  const hanging = withDeadline(options, (signal) => {
    const running = host.run(["sleep", "1000"], { signal });
    ended = running.catch((error: unknown) => error);
    return running;
  });
  await assert.rejects(hanging, {
    code: "target-unreachable",
    host: "ssh://board",
    message: "telling what it is took longer than 0.2 s",
    details: { reason: "timed-out" },
  });
  assert.equal(((await ended) as { code: string }).code, "cancelled");
});

test("deadline: also what heeds no signal", async () => {
  await assert.rejects(
    withDeadline(options, () => new Promise(() => {})),
    { code: "target-unreachable" },
  );
});

test("deadline: what is done in time is its own result", async () => {
  assert.equal(await withDeadline(options, async () => 7), 7);
  await assert.rejects(
    withDeadline(options, () => Promise.reject(new TypeError("own"))),
    { message: "own" },
  );
  const abort = AbortSignal.abort();
  assert.ok(await withDeadline({ ...options, signal: abort }, async (signal) => signal.aborted));
});
