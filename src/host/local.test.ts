import assert from "node:assert/strict";
import { test } from "node:test";
import { openLocalHost } from "./local.ts";
import { testHost } from "./testing/host-behaviour.ts";

testHost("local", async () => openLocalHost());

test("local: a command that a signal ended has status 128 + signal", async () => {
  assert.equal((await openLocalHost().run(["sh", "-c", "kill -9 $$"])).exitCode, 137);
});
