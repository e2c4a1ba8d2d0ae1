import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { withLock } from "./lock.ts";

function lockFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "a.lock");
}

test("two holders never work at the same time, and the lock is gone afterwards", async (t) => {
  const file = lockFile(t);
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside++;
    most = Math.max(most, inside);
    await setTimeout(50);
    inside--;
  };
  await Promise.all([withLock(file, work), withLock(file, work)]);
  assert.equal(most, 1);
  assert.equal(existsSync(file), false);
});

test("the lock of a process that has ended counts for nothing", async (t) => {
  const file = lockFile(t);
  writeFileSync(file, String(spawnSync("true").pid));
  assert.equal(await withLock(file, async () => "done"), "done");
});

test("the lock is released when the work fails", async (t) => {
  const file = lockFile(t);
  await assert.rejects(
    withLock(file, async () => {
      throw new Error("no");
    }),
    /no/,
  );
  assert.equal(existsSync(file), false);
});
