import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { parseBinfmtEntry } from "../host/binfmt.ts";
import { binfmtLine } from "./binfmt-entry.ts";
import { bootEntry } from "./boot-entry.ts";
import { parseSystem } from "./system.ts";

const run = promisify(execFile);
const line = binfmtLine("/opt/qemu-x86_64-static");

test("the entry takes ordinary x86_64 programs, static ones too, and lets containers use the emulator", () => {
  const [, , type, offset, magic = "", mask = "", interpreter, flags = ""] = line.split(":");
  assert.equal(`${type}${offset}`, "M");
  const hexadecimal = (text: string) =>
    text.replaceAll(/\\x(..)|(.)/g, (_all, code?: string, plain?: string) => code ?? Buffer.from(plain!).toString("hex"));
  const shown = [
    ...["enabled", `interpreter ${interpreter}`, `flags: ${flags}`, "offset 0"],
    ...[`magic ${hexadecimal(magic)}`, `mask ${hexadecimal(mask)}`],
  ];
  const entry = parseBinfmtEntry("ours", shown.join("\n"), "");
  assert.equal(entry?.interpreter, "/opt/qemu-x86_64-static");
  assert.match(entry.flags, /F/);
});

for (const init of ["systemd", "openrc", "sysv", "service.d"] as const) {
  test(`${init}: what is written registers the entry, and is recognised the next time`, async () => {
    const { content, mode } = bootEntry(init, line);
    assert.ok(content.includes(line));
    if (init === "systemd") assert.equal(mode, "644");
    else {
      await run("sh", ["-n", "-c", content]);
      assert.match(content, /^#!/);
      assert.equal(mode, "755");
    }
    assert.equal(parseSystem(`\n@@ boot\n${content}`, "@@", []).emulatorAtBoot, true);
    assert.equal(parseSystem("\n@@ boot\n# nothing\n:wine:M::MZ::/usr/bin/wine:\n", "@@", []).emulatorAtBoot, false);
  });
}
