import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openLocalHost } from "../host/local.ts";
import { parseSystem, readSystemFacts } from "./system.ts";
import { systemScript } from "./system-script.ts";

const run = promisify(execFile);

test("this machine tells what it is, and how its folders stand", async () => {
  const folder = await mkdtemp(join(tmpdir(), "system-"));
  try {
    await chmod(folder, 0o750);
    await using host = openLocalHost();
    const facts = await readSystemFacts(host, [folder, "/nonexistent"]);
    assert.equal(facts.kind, "linux");
    assert.match(facts.name, /Debian/);
    assert.ok(facts.hasApt);
    assert.ok(facts.hasDockerd);
    assert.deepEqual([...facts.folders], [[folder, { mode: "750", uid: process.getuid?.() }]]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("busybox's shell and tools tell the same as this machine's own", async () => {
  const tell = async (...shell: readonly [string, ...string[]]) => {
    const [program, ...first] = shell;
    return (await run(program, [...first, "-eu", "-c", systemScript, "sh", "@@", "/tmp"])).stdout;
  };
  const [busybox, own] = [await tell("busybox", "sh"), await tell("sh")].map((text) => parseSystem(text, "@@", ["/tmp"]));
  assert.match(own?.podman ?? "", /^\d+\.\d+/);
  // busybox brings a modprobe.
  assert.deepEqual({ ...busybox, binfmt: own?.binfmt }, own);
});

test("an Android device with Magisk is known as one, and not taken for a Debian", () => {
  const text = `
@@ android
14

@@ release

@@ init
service.d

@@ programs
modprobe

@@ binfmt

@@ folder /data/local/tmp/migrate-container
700 0
`;
  const facts = parseSystem(text, "@@", ["/data/local/tmp/migrate-container"]);
  assert.deepEqual(facts, {
    kind: "android",
    name: "Android 14",
    hasApt: false,
    crunCandidate: undefined,
    init: "service.d",
    hasDockerd: false,
    podman: undefined,
    hasDockerScript: false,
    binfmt: "loadable",
    emulatorAtBoot: false,
    folders: new Map([["/data/local/tmp/migrate-container", { mode: "700", uid: 0 }]]),
  });
});

test("an emulator that binfmt-support or Debian's package registers at boot is seen", () => {
  const magic = String.raw`\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00`;
  for (const line of [
    String.raw`:qemu-x86_64:M::${magic}:\xff\xff:/usr/bin/qemu-x86_64:POCF`,
    String.raw`qemu-user-static:magic:0:${magic}:\xff\xff:/usr/bin/qemu-x86_64-static::1:1:1:`,
  ]) {
    assert.equal(parseSystem(`\n@@ boot\n${line}\n`, "@@", []).emulatorAtBoot, true, line);
  }
});
