import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureArm64Machine, ensureX86Machine } from "../../lab/machines.ts";
import { openStage, runCase, type Stage } from "../../random/run-case.ts";
import { strategies } from "../../src/compatibility/strategy.ts";
import { ensureSource } from "../support/surroundings.ts";

/** Two of the containers of `npm run random`. */
const seeds = [1, 5];
let x86: Stage;

before(async () => {
  await ensureSource();
  x86 = await openStage(await ensureX86Machine());
});

after(() => x86?.[Symbol.asyncDispose]());

for (const strategy of strategies) {
  for (const seed of seeds) {
    test(`the random container ${seed} is after a move by ${strategy} what it was`, async () => {
      assert.deepEqual((await runCase(seed, strategy, x86)).problems, []);
    });
  }
}

test("a random container is after a move to ARM64 what it was", async () => {
  await using arm64 = await openStage(await ensureArm64Machine());
  assert.deepEqual((await runCase(509, "resume", arm64)).problems, []);
});
