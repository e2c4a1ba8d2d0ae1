import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { openLocalHost } from "../../host/local.ts";
import { targetPaths } from "../resume-runtime/wrapper.ts";
import { callOff } from "./first-start.ts";

test("first starts of bundles: one that is under way is waited for when it is called off", async () => {
  await using host = openLocalHost();
  const id = `called-off-${process.pid}`;
  const start = spawn("sh", ["-c", "read -r line", "sh", `${targetPaths.resumed}/${id}`], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(start, "spawn");
  let hasEnded = false;
  const ended = once(start, "exit").then(() => {
    hasEnded = true;
  });
  const calledOff = callOff({ host, name: "runc", path: "/usr/sbin/runc" }, id).then(() => hasEnded);
  // By then it has looked at least once.
  await host.script("sleep 0.5");
  start.stdin.end("\n");
  await ended;
  assert.equal(await calledOff, true);
});
