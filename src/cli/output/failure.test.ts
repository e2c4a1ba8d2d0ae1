import assert from "node:assert/strict";
import test from "node:test";
import { MigrationError } from "../../errors.ts";
import { styleFor } from "../format/style.ts";
import { symbolsFor } from "../format/symbols.ts";
import { FakeStream } from "../testing/fakes.ts";
import { failureLines } from "./failure.ts";

const look = { style: styleFor(new FakeStream(), {}, false), symbols: symbolsFor({}) };
const options = { headline: "Not done", state: [], verbose: false, look };

test("lines of a message stay together, and so do those of a cause", () => {
  const error = new MigrationError("command-failed", "it said:\nno\n", { cause: new Error("one\ntwo") });
  assert.deepEqual(failureLines(error, options), [
    "x Not done: it said:",
    "  no",
    "  Cause: one",
    "         two",
    "  Code: command-failed (docs/errors.md)",
  ]);
});

test("a cause that the message quotes is not told again, the one behind it is", () => {
  const deepest = new Error("ECONNREFUSED");
  const error = new MigrationError("engine-unavailable", "Docker can't be reached: no socket", {
    cause: new Error("no socket", { cause: deepest }),
  });
  assert.deepEqual(failureLines(error, options), [
    "x Not done: Docker can't be reached: no socket",
    "  Cause: ECONNREFUSED",
    "  Code: engine-unavailable (docs/errors.md)",
  ]);
});

test("what is no error at all is shown too", () => {
  const [first, ...rest] = failureLines("odd", options);
  assert.equal(first, "x Not done: odd");
  assert.match(rest.join("\n"), /defect of migrate-container[\s\S]*Stack: 'odd'/);
});
