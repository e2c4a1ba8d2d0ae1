import assert from "node:assert/strict";
import test from "node:test";
import { useStateFolder } from "../testing/state-folder.ts";
import { cancelRunning, readLiveStatus } from "./client.ts";
import { removeControl, withControlPath } from "./control-socket.ts";
import { ControlServer } from "./server.ts";

test("control: a running move tells what it does, from its first step on", async () => {
  await using _ = await useStateFolder();
  await using control = await ControlServer.start("one");
  assert.deepEqual(
    { ...(await readLiveStatus("one")), elapsedMs: 0 },
    {
      ...{ id: "one", processId: process.pid, cancelled: false, rollingBack: false, elapsedMs: 0 },
    },
  );
  control.follow({ type: "step-started", step: "send", title: "Sending", atMs: 1 });
  control.follow({ type: "bytes", step: "send", bytes: 3, totalBytes: 9, atMs: 2 });
  const status = (await readLiveStatus("one"))!;
  assert.deepEqual([status.step, status.title, status.bytes, status.totalBytes], ["send", "Sending", 3, 9]);
  assert.ok(status.elapsedMs > 0);
  control.follow({ type: "rollback-started", reason: undefined as never, atMs: 3 });
  assert.equal((await readLiveStatus("one"))?.rollingBack, true);
});

test("control: a cancel aborts the move, and returns when it has ended", async () => {
  await using _ = await useStateFolder();
  const control = await ControlServer.start("one");
  const order: string[] = [];
  control.signal.addEventListener("abort", () => {
    order.push("aborted");
    setTimeout(() => {
      order.push("ended");
      void control[Symbol.asyncDispose]();
    }, 100);
  });
  assert.equal(await cancelRunning("one"), true);
  assert.deepEqual(order, ["aborted", "ended"]);
  assert.equal(control.signal.reason.code, "cancelled");
});

test("control: what does not run has no status, whether or not it has left a socket", async () => {
  await using _ = await useStateFolder();
  assert.equal(await readLiveStatus("none"), undefined);
  assert.equal(await cancelRunning("none"), false);
  await withControlPath("dead", async (path) => {
    const { createServer } = await import("node:net");
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once("listening", resolve));
    // As after SIGKILL: the socket's file stays, and nobody listens.
    const { rename } = await import("node:fs/promises");
    await rename(path, `${path}.kept`);
    server.close();
    await rename(`${path}.kept`, path);
  });
  assert.equal(await readLiveStatus("dead"), undefined);
  await removeControl("dead");
});

test("control: a state folder may lie deeper than a socket's path is long", async () => {
  await using folder = await useStateFolder();
  process.env.XDG_STATE_HOME = `${folder.path}/${"deep/".repeat(40)}`;
  await using _control = await ControlServer.start("one");
  assert.equal((await readLiveStatus("one"))?.processId, process.pid);
});
