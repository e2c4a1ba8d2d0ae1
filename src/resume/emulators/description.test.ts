import assert from "node:assert/strict";
import test from "node:test";
import { parseEmulatorDescription } from "./description.ts";
import { commandLine } from "./emulator.ts";
import { qemuUser } from "./qemu-user.ts";

const parse = (values: unknown) => parseEmulatorDescription(JSON.stringify(values), "emulator.json");

test("emulator: a path is enough, and lacks what the oldest QEMU does", () => {
  const { name, version, lacks, start } = parse({ path: "/opt/qemu" });
  assert.deepEqual({ name, version, lacks }, { name: "qemu-user", version: undefined, lacks: qemuUser(undefined).lacks });
  assert.deepEqual(commandLine(start!, { emulator: "/e", program: "/p" }), ["/e", "/p"]);
});

test("emulator: its command line and what it lacks can be given", () => {
  const command = ["{emulator}", "-cpu", "max", "{program}"];
  const { start, lacks } = parse({ path: "/opt/qemu", version: "10.0.13", command, lacks: ["timer-ids"] });
  assert.deepEqual(commandLine(start!, { emulator: "/e", program: "/p" }), ["/e", "-cpu", "max", "/p"]);
  assert.deepEqual([...lacks], ["timer-ids"]);
});

for (const [what, values] of Object.entries({
  "no path": {},
  "a relative path": { path: "qemu" },
  "a command without the program": { path: "/opt/qemu", command: ["{emulator}"] },
  "a gap that is none": { path: "/opt/qemu", lacks: ["speed"] },
  "an unknown key": { path: "/opt/qemu", binary: "/opt/qemu" },
  "an emulator that is not known": { path: "/opt/qemu", like: "box64" },
  "a version that is none": { path: "/opt/qemu", version: 10 },
  "no object": [],
})) {
  test(`emulator: ${what} is refused`, () => {
    assert.throws(() => parse(values), { code: "usage", message: /^emulator\.json describes no emulator: / });
  });
}
