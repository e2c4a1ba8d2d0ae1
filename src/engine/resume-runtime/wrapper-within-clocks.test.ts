import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { dockerConfig } from "../../resume/testing/docker-config.ts";
import type { BundleEdit } from "./bundle-edit.ts";
import { FakeRuntime } from "./testing/fake-runtime.ts";

const id = "5f0a".repeat(16);
const other = "c0de".repeat(16);
const edit: BundleEdit = {
  containerId: id,
  capabilities: { bounding: ["CAP_CHOWN"], inheritable: [] },
  timeNamespace: false,
};
const config = dockerConfig({ id, root: "/somewhere", arguments: ["program"] });

/** Debian's busybox calls its own `unshare`, which sets no clocks; the target script then finds none, being run by the same shell. */
const shell = ["sh"];

test(`wrapper: a runtime is called within the source's clocks for the container that it was created for`, async () => {
  await using runtime = await FakeRuntime.create(shell, config);
  const call = async (words: readonly string[], status = 0) => {
    assert.deepEqual(await runtime.call(words, { status }), { arguments: words, exitCode: status, output: "output\n" });
    return await runtime.offsets();
  };
  await runtime.makePending(edit, "100 5 200 6\n");
  const words = ["--root", "/run/x", "create", "--bundle", runtime.bundle, id];
  await runtime.call(words, { prefix: await runtime.withClocks("now at 30000000001 nsecs\n", "40.00 1.00\n") });
  assert.deepEqual(await runtime.offsets(), [71, 161]);
  const { linux } = (await runtime.config()) as { readonly linux: { readonly timeOffsets?: object } };
  assert.equal(linux.timeOffsets, undefined);

  assert.deepEqual(await call(["start", id]), [71, 161]);
  assert.deepEqual(await call(["exec", "--process", "a b", "--detach", id], 3), [71, 161]);
  assert.deepEqual(await call(["kill", "--all", id, "9"]), [71, 161]);
  assert.deepEqual(await call(["kill", id, "SIGTERM"]), [71, 161]);
  assert.deepEqual(await call(["kill", other, "9"]), [0, 0]);
  assert.deepEqual(await call(["create", "--bundle", runtime.bundle, other]), [0, 0]);
  assert.deepEqual(await call(["--version"]), [0, 0]);

  assert.deepEqual(await call(["delete", "--force", id], 1), [71, 161]);
  assert.deepEqual(await call(["delete", "--force", id]), [71, 161]);
  assert.deepEqual(await call(["create", "--bundle", runtime.bundle, id]), [0, 0]);
});

for (const [what, source, timerList, uptime, offsets] of [
  ["a whole second", "10 7 20 0", "now at 3000000007 nsecs\n", "4.00 1\n", [7, 16]],
  ["a nanosecond more", "10 8 20 0", "now at 3000000007 nsecs\n", "3.99 1\n", [8, 17]],
  ["behind", "5 500000000 6 0", "now at 7000000000 nsecs\n", "7.25 1\n", [-1, -1]],
] as const) {
  test(`wrapper: no clock goes back: ${what}`, async () => {
    await using runtime = await FakeRuntime.create(shell, config);
    await runtime.makePending(edit, `${source}\n`);
    await runtime.call(["create", id], { prefix: await runtime.withClocks(timerList, uptime) });
    assert.deepEqual(await runtime.offsets(), offsets);
  });
}

test(`wrapper: clocks of a container that ran before the machine was started again mean nothing`, async () => {
  await using runtime = await FakeRuntime.create(shell, config);
  await mkdir(runtime.folders.clocks, { recursive: true });
  await writeFile(join(runtime.folders.clocks, id), "0e1b5a5c-0000-4000-8000-000000000000 71 161\n");
  await runtime.call(["create", id]);
  assert.deepEqual(await runtime.offsets(), [0, 0]);
});
