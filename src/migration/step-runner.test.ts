import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../errors.ts";
import type { Move } from "./move.ts";
import { asMigrationError, StepRunner } from "./step-runner.ts";
import { together } from "./strategies/planned-step.ts";

function fakeMove(more: Partial<Move> = {}) {
  const log: string[] = [];
  const move = {
    signal: undefined,
    journal: { write: async ({ kind, step }: { kind: string; step: string }) => void log.push(`${kind} ${step}`) },
    emit: ({ type, step, ...rest }: { type: string; step: string; outcome?: string; error?: MigrationError }) =>
      void log.push([type, step, rest.outcome ?? rest.error?.code].filter((word) => word !== undefined).join(" ")),
    ...more,
  } as unknown as Move;
  return { log, move, runner: new StepRunner([move], ["freeze", "dump", "package", "send", "commit"]) };
}

const statuses = (runner: StepRunner<Move>): string[] =>
  runner.results.filter(({ status }) => status !== "not-run").map(({ step, status }) => `${step} ${status}`);

test("step runner: a step is announced, written down, done and told", async () => {
  const { log, move, runner } = fakeMove();
  await runner.run("freeze", async (given) => {
    assert.deepEqual(given, [move]);
    log.push("action");
    return ["frozen"];
  });
  assert.deepEqual(log, ["step-started freeze", "step freeze", "action", "step-finished freeze frozen"]);
  await runner.run("package", async () => ["3 files"]);
  assert.equal(log.at(-1), "step-finished package 3 files");
  assert.deepEqual(statuses(runner), ["freeze done", "package done"]);
  assert.deepEqual(
    runner.results.map(({ step }) => step),
    ["freeze", "dump", "package", "send", "commit"],
  );
  assert.ok(runner.results.every(({ durationMs }) => durationMs >= 0));
});

test("step runner: what a step throws comes out, as a MigrationError", async () => {
  const { log, runner } = fakeMove();
  const own = new MigrationError("dump-failed", "no");
  await assert.rejects(
    runner.run("dump", () => Promise.reject(own)),
    own,
  );
  await assert.rejects(
    runner.run("send", () => Promise.reject(new TypeError("oops"))),
    { code: "command-failed", message: "oops" },
  );
  assert.deepEqual(statuses(runner), ["dump failed", "send failed"]);
  assert.ok(log.includes("step-failed dump dump-failed"));
});

test("step runner: a step whose announcement can't be written is not done", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  const { runner } = fakeMove({ journal: { write: () => Promise.reject(full) } as unknown as Move["journal"] });
  let done = false;
  await assert.rejects(
    runner.run("freeze", async () => {
      done = true;
      return [""];
    }),
    { code: "no-space", host: "local" },
  );
  assert.equal(done, false);
});

test("step runner: a cancelled move begins no step, and a step that ends after it counts as cancelled", async () => {
  const controller = new AbortController();
  const { runner } = fakeMove({ signal: controller.signal });
  await assert.rejects(
    runner.run("freeze", async () => {
      controller.abort();
      return ["frozen"];
    }),
    { code: "cancelled" },
  );
  let done = false;
  const next = async () => {
    done = true;
    return [""];
  };
  await assert.rejects(runner.run("dump", next), { code: "cancelled" });
  assert.equal(done, false);
  assert.deepEqual(statuses(runner), ["freeze failed", "dump failed"]);
  await runner.runToTheEnd("commit", next);
  assert.equal(done, true);
});

test("step runner: what comes between steps is part of the step", async () => {
  const seen: string[] = [];
  const { runner } = fakeMove({
    afterStep: async (step) => {
      seen.push(step);
      if (step === "dump") throw new Error("pulled the plug");
    },
  });
  await runner.run("freeze", async () => [""]);
  await assert.rejects(
    runner.run("dump", async () => [""]),
    { message: "pulled the plug" },
  );
  assert.deepEqual(seen, ["freeze", "dump"]);
});

test("asMigrationError: a cancellation's own reason is kept", () => {
  const reason = new MigrationError("no-space", "full");
  assert.equal(asMigrationError(new Error("aborted"), AbortSignal.abort(reason)), reason);
  assert.equal(asMigrationError(new Error("x"), AbortSignal.abort("ctrl-c")).code, "cancelled");
  const cause = new Error("x");
  assert.equal(asMigrationError(cause, new AbortController().signal).cause, cause);
  assert.equal(asMigrationError("text", undefined).message, "text");
});

test("step runner: a step of several moves is written in every journal, and told with their names", async () => {
  const logs: string[] = [];
  const moves = ["web", "redis"].map((name) => ({ ...fakeMove().move, container: { Name: `/${name}` } }) as unknown as Move);
  const journals = moves.map((move, index) => ({ ...move, journal: { write: async () => void logs.push(`journal ${index}`) } }));
  const told: string[] = [];
  const emit = (event: { type: string; outcome?: string }) => void told.push(`${event.type} ${event.outcome ?? ""}`);
  const runner = new StepRunner(journals.map((move) => ({ ...move, emit })) as unknown as Move[], ["freeze"]);
  await runner.run(
    "freeze",
    together(async ({ container }) => `${container.Name} stands`),
  );
  assert.deepEqual(logs, ["journal 0", "journal 1"]);
  assert.equal(told.at(-1), "step-finished web: /web stands; redis: /redis stands");
});

test("together: one that fails does not leave the others half done", async () => {
  let done = false;
  const action = together(async ({ id }: Move) => {
    if (id === "1") throw new Error("no");
    await new Promise((resolve) => setImmediate(resolve));
    done = true;
    return "";
  });
  await assert.rejects(action([{ id: "1" }, { id: "2" }] as unknown as Move[]), { message: "no" });
  assert.equal(done, true);
});
