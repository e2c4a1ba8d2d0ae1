import assert from "node:assert/strict";
import test from "node:test";
import type { ErrorRecord, Operation } from "../journal/entry.ts";
import { type CopyState, type Decision, decide, type SourceState } from "./decide.ts";

const error = (code: string): ErrorRecord => ({ code, message: "", host: undefined, remedy: undefined });
const at = "2026-11-01T00:00:00Z";

interface Phase {
  readonly step: string;
  readonly committed?: boolean;
  readonly rollback?: string;
}

function decided(
  { step, committed = false, rollback }: Phase,
  source: SourceState,
  copy: CopyState,
  preferSource = false,
  operation: Operation = "migrate",
): Decision {
  const steps = ["create", "freeze", "start", "commit"];
  const begun = steps.slice(0, steps.indexOf(step) + 1).map((each) => ({ step: each, at }));
  const record = { committed, steps: begun, rollback: rollback === undefined ? undefined : error(rollback) };
  const [decision] = decide([{ move: { ...record, end: undefined, begin: { operation } }, source, copy, preferSource }]);
  return decision!;
}

test("decide: before the start the move goes back, whether or not the target can be reached", () => {
  for (const copy of ["none", "idle", "unreachable"] as const) {
    assert.equal(decided({ step: "freeze" }, "alive", copy), "roll-back");
    assert.equal(decided({ step: "freeze" }, "lost", copy), "roll-back");
  }
});

test("decide: after the start a copy that has gone on is the container", () => {
  assert.equal(decided({ step: "start" }, "alive", "running"), "finish");
  assert.equal(decided({ step: "start" }, "lost", "running"), "finish");
  assert.equal(decided({ step: "start", rollback: "target-unreachable" }, "alive", "running"), "finish");
});

test("decide: a move that was being undone, or that the user wants back, goes back if the source lives", () => {
  assert.equal(decided({ step: "start", rollback: "cancelled" }, "alive", "running"), "roll-back");
  assert.equal(decided({ step: "start", rollback: "validation-failed" }, "alive", "running"), "roll-back");
  assert.equal(decided({ step: "start" }, "alive", "running", true), "roll-back");
  assert.equal(decided({ step: "start", rollback: "cancelled" }, "lost", "running", true), "finish");
});

test("decide: a copy that does not run is no container", () => {
  for (const copy of ["none", "idle", "unfinished"] as const) {
    assert.equal(decided({ step: "start" }, "alive", copy), "roll-back");
    assert.equal(decided({ step: "commit", committed: true }, "alive", copy), "roll-back");
  }
});

test("decide: where the copy may run and can't be reached, nothing is done", () => {
  assert.equal(decided({ step: "start" }, "alive", "unreachable"), "wait");
  assert.equal(decided({ step: "commit", committed: true }, "alive", "unreachable"), "wait");
  assert.equal(decided({ step: "start" }, "lost", "unreachable"), "wait");
});

test("decide: a committed move is completed", () => {
  assert.equal(decided({ step: "commit", committed: true }, "alive", "running", true), "complete");
  assert.equal(decided({ step: "commit", committed: true }, "lost", "running"), "complete");
  assert.equal(decided({ step: "commit", committed: true }, "lost", "idle"), "complete");
});

test("decide: the source's memory is given up only for a copy that runs, or is lost already", () => {
  const copies = ["none", "idle", "running", "unfinished", "unreachable"] as const;
  for (const step of ["create", "freeze", "start", "commit"]) {
    for (const committed of step === "commit" ? [false, true] : [false]) {
      for (const copy of copies) {
        for (const preferSource of [false, true]) {
          const decision = decided({ step, committed }, "alive", copy, preferSource);
          if (decision === "finish" || decision === "complete") assert.equal(copy, "running", `${step} ${committed}`);
        }
      }
    }
  }
});

test("decide: a restore goes back before its commit, even if its copy runs, and is completed after it", () => {
  const restore = (phase: Phase, copy: CopyState) => decided(phase, "lost", copy, false, "restore");
  for (const copy of ["none", "idle", "running", "unfinished"] as const) {
    assert.equal(restore({ step: "start" }, copy), "roll-back");
    assert.equal(restore({ step: "commit", committed: true }, copy), "complete");
    assert.equal(restore({ step: "commit", committed: true, rollback: "validation-failed" }, copy), "roll-back");
  }
  assert.equal(restore({ step: "create" }, "unreachable"), "wait");
});

/** What a group of three is decided, of which each stands as told: `source copy`. */
function together(committed: boolean, ...members: readonly [SourceState, CopyState][]): Decision[] {
  const steps = ["create", "freeze", "start"].map((step) => ({ step, at }));
  const move = { committed, steps, rollback: undefined, end: undefined, begin: { operation: "migrate" } } as const;
  return decide(members.map(([source, copy]) => ({ move, source, copy, preferSource: false })));
}

test("decide: a group goes forward only if every copy has gone on, and else back as a whole", () => {
  const all = (decision: Decision) => [decision, decision, decision];
  assert.deepEqual(together(false, ["alive", "running"], ["alive", "running"], ["alive", "running"]), all("finish"));
  for (const copy of ["none", "idle", "unfinished"] as const) {
    assert.deepEqual(together(false, ["alive", "running"], ["alive", copy], ["alive", "running"]), all("roll-back"), copy);
    assert.deepEqual(together(true, ["alive", "running"], ["alive", copy], ["alive", "running"]), all("roll-back"), copy);
  }
  assert.deepEqual(together(false, ["alive", "running"], ["alive", "unreachable"], ["alive", "running"]), all("wait"));
  assert.deepEqual(together(true, ["lost", "running"], ["alive", "running"], ["alive", "running"]), all("complete"));
});

test("decide: a group of which one was rolled back already goes back, and one whose error forbids it to go on", () => {
  const rolled = { kind: "end", status: "rolled-back" } as const;
  const steps = [{ step: "start", at }];
  const move = { committed: true, steps, rollback: undefined, begin: { operation: "migrate" } } as const;
  const running = { source: "alive", copy: "running", preferSource: false } as const;
  const ended = { move: { ...move, end: rolled }, source: "lost", copy: "none", preferSource: false } as const;
  assert.deepEqual(decide([ended, { ...running, move: { ...move, end: undefined } }]), ["roll-back", "roll-back"]);
  const failed = { ...move, committed: false, end: undefined, rollback: error("validation-failed") };
  const other = { ...move, committed: false, end: undefined };
  assert.deepEqual(
    decide([
      { ...running, move: other },
      { ...running, move: failed },
    ]),
    ["roll-back", "roll-back"],
  );
});

test("decide: memory that is nowhere else is not given up when another's source was ended already", () => {
  assert.deepEqual(together(true, ["lost", "running"], ["alive", "idle"], ["alive", "running"]), [
    "complete",
    "roll-back",
    "complete",
  ]);
});
