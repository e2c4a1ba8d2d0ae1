import assert from "node:assert/strict";
import test from "node:test";
import { stepNames } from "../../migration/events.ts";
import { leftBehindLines } from "./left-behind.ts";

const move = { name: "web", containers: ["web"], source: "local", target: "ssh://board" };
const textAt = (step: (typeof stepNames)[number]): string => leftBehindLines({ ...move, step }).join("\n");

test("in every step the next thing to do is to recover", () => {
  for (const step of stepNames) assert.match(textAt(step), /Run this now: migrate-container recover web$/, step);
});

test("before the freeze the container is said to run", () => {
  assert.match(textAt("send-image"), /web runs here as before/);
  assert.match(textAt("create"), /web runs here as before/);
});

test("of a container of another machine it is told where it is", () => {
  const there = { ...move, source: "ssh://phone" };
  assert.match(leftBehindLines({ ...there, step: "dump" }).join("\n"), /web may be frozen on ssh:\/\/phone/);
  assert.match(leftBehindLines({ ...there, step: "commit" }).join("\n"), /the one on ssh:\/\/phone go on/);
});

test("from the freeze to the commit the container may be frozen, and from the start on its copy may run", () => {
  for (const step of stepNames.slice(stepNames.indexOf("freeze"), stepNames.indexOf("commit"))) {
    assert.match(textAt(step), /web may be frozen here/, step);
  }
  assert.doesNotMatch(textAt("verify"), /its copy may run/);
  assert.match(textAt("start"), /its copy may run on ssh:\/\/board/);
});

test("after the commit the container here must stay as it is", () => {
  for (const step of ["commit", "clean"] as const) {
    assert.match(textAt(step), /web runs on ssh:\/\/board/);
    assert.match(textAt(step), /there would be two/);
  }
});
