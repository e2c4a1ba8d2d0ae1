import assert from "node:assert/strict";
import test from "node:test";
import { stepNames } from "../../migration/events.ts";
import { leftBehindLines } from "./left-behind.ts";

const move = { container: "web", target: "ssh://board", name: "web2" };
const textAt = (step: (typeof stepNames)[number]): string => leftBehindLines({ ...move, step }).join("\n");

test("before the freeze the container is said to run", () => {
  assert.match(textAt("send-image"), /web runs here as before/);
  assert.doesNotMatch(textAt("send-image"), /docker rm/);
  assert.match(textAt("create"), /web runs here as before[\s\S]*docker rm --force web2/);
});

test("from the freeze to the commit the copy is to be removed before the container may go on", () => {
  for (const step of stepNames.slice(stepNames.indexOf("freeze"), stepNames.indexOf("commit"))) {
    const text = textAt(step);
    assert.ok(text.indexOf("docker rm --force web2") < text.indexOf("docker unpause web"), step);
  }
});

test("only from the start on may the copy run", () => {
  assert.doesNotMatch(textAt("verify"), /It may run/);
  assert.match(textAt("start"), /It may run, and only one may/);
});

test("after the commit the container here must stay as it is", () => {
  for (const step of ["commit", "clean"] as const) {
    assert.match(textAt(step), /web2 on ssh:\/\/board runs and is the container now/);
    assert.doesNotMatch(textAt(step), /unpause|docker rm/);
  }
});
