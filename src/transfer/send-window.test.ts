import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { SendWindow } from "./send-window.ts";

const MiB = 1 << 20;

/** What has passed, in MiB, once nothing more does. */
function follow(window: SendWindow): () => Promise<number> {
  let passed = 0;
  const pieces = (async function* () {
    for (let count = 0; count < 100; count++) yield Buffer.alloc(MiB);
  })();
  void (async () => {
    for await (const _piece of window.pass(pieces)) passed++;
  })();
  return async () => {
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    return passed;
  };
}

test("window: 8 MiB are under way, and more as the receiver takes it", async () => {
  const window = new SendWindow();
  const settled = follow(window);
  assert.equal(await settled(), 8);
  window.taken(3 * MiB);
  assert.equal(await settled(), 11);
  window.taken(0);
  assert.equal(await settled(), 11);
  window.open();
});

test("window: all passes once it is open", async () => {
  const window = new SendWindow();
  const settled = follow(window);
  assert.equal(await settled(), 8);
  window.open();
  assert.equal(await settled(), 100);
  window.taken(MiB);
});

test("window: a receiver that says nothing stops nothing for ever", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const window = new SendWindow();
  const settled = follow(window);
  assert.equal(await settled(), 8);
  context.mock.timers.tick(2000);
  assert.equal(await settled(), 9);
  context.mock.timers.tick(2000);
  assert.equal(await settled(), 10);
  window.open();
});
