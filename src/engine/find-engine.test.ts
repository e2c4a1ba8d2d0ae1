import assert from "node:assert/strict";
import { test } from "node:test";
import { MigrationError } from "../errors.ts";
import { parseContainer } from "./find-engine.ts";

test("containers are named with or without their engine", () => {
  assert.deepEqual(parseContainer("web"), { engine: undefined, name: "web" });
  assert.deepEqual(parseContainer("docker:web"), { engine: "docker", name: "web" });
  assert.deepEqual(parseContainer("podman:web"), { engine: "podman", name: "web" });
  assert.deepEqual(parseContainer("runc:web"), { engine: "runc", name: "web" });
  assert.deepEqual(parseContainer("crun:web"), { engine: "crun", name: "web" });
});

test("an engine that containers can't be taken from is told, with what to do", () => {
  const remedies: [string, RegExp][] = [
    ["lxc:web", /docker:NAME/],
    ["podman:", /podman:NAME/],
    ["runc:", /runc:ID/],
  ];
  for (const [text, remedy] of remedies) {
    assert.throws(
      () => parseContainer(text),
      (error) => error instanceof MigrationError && error.code === "usage" && remedy.test(error.remedy ?? ""),
    );
  }
});
