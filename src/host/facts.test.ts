import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { arch, release, totalmem } from "node:os";
import { test } from "node:test";
import { parseBinfmtEntry } from "./binfmt.ts";
import { parseFacts, readHostFacts } from "./facts.ts";
import { openLocalHost } from "./local.ts";

test("facts: this machine's agree with what Node says", async () => {
  const facts = await readHostFacts(openLocalHost(), ["/", "/tmp/not/there/it's"]);
  assert.equal(facts.architecture, { x64: "x86_64", arm64: "aarch64" }[arch() as string]);
  assert.equal(facts.kernelRelease, release());
  assert.equal(facts.uid, process.getuid?.());
  assert.ok(facts.pageSize >= 4096 && Number.isInteger(Math.log2(facts.pageSize)));
  assert.ok(facts.addressBits >= 39 && facts.addressBits <= 48, String(facts.addressBits));
  assert.ok(facts.cpuFlags.length > 5);
  assert.equal(facts.memoryTotal, totalmem());
  assert.ok(facts.memoryAvailable > 0 && facts.memoryAvailable <= facts.memoryTotal);
  for (const [directory, existing] of [
    ["/", "/"],
    ["/tmp/not/there/it's", "/tmp"],
  ] as const) {
    const { bavail, bsize } = await statfs(existing);
    const free = facts.freeBytes.get(directory) ?? 0;
    assert.ok(Math.abs(free - bavail * bsize) < 1e9, `${directory}: ${free}`);
  }
});

const arm = (end: string) =>
  `@@ architecture\naarch64\n@@ maps\naaaab000-aaaac000 r-xp 0 0 0 /bin/cat\n${end} rw-p 00000000 00:00 0 [stack]\n@@ page\nKernelPageSize:       16 kB\n`;

test("facts: the address space is read from where the stack lies", () => {
  assert.deepEqual(parseFacts(arm("ffffe4a7c000-ffffe4a9d000"), []).addressBits, 48);
  assert.equal(parseFacts(arm("ffffe4a7c000-ffffe4a9d000"), []).holdsX86Addresses, true);
  assert.equal(parseFacts(arm("7fe4a7c000-7fe4a9d000"), []).addressBits, 39);
  assert.equal(parseFacts(arm("7fe4a7c000-7fe4a9d000"), []).holdsX86Addresses, false);
  const x86 =
    "@@ maps\n7ffd0000-7fff9c1fe000 rw-p 0 0 0 [stack]\nffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";
  assert.equal(parseFacts(x86, []).addressBits, 47);
  assert.equal(parseFacts(arm("ffffe4a7c000-ffffe4a9d000"), []).pageSize, 16384);
});

test("facts: a machine that tells nothing gives empty facts", () => {
  const facts = parseFacts("", ["/x"]);
  assert.equal(facts.holdsX86Addresses, false);
  assert.deepEqual(facts.emulators, []);
  assert.equal(facts.freeBytes.get("/x"), 0);
});

// As Debian's qemu-user-static and binfmt-support write them.
const x86Magic = "magic 7f454c4602010100000000000000000002003e00\nmask fffffffffffefe00fffffffffffffffffeffffff\n";
const armMagic = "magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n";

test("facts: an emulator is known by its magic, not by its name", () => {
  const text = `enabled\ninterpreter /opt/some emulator\nflags: POCF\noffset 0\n${x86Magic}`;
  assert.deepEqual(parseBinfmtEntry("misnamed-arm", text, "qemu-x86_64 version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\n"), {
    name: "misnamed-arm",
    interpreter: "/opt/some emulator",
    enabled: true,
    flags: "POCF",
    version: "7.2.22",
  });
  assert.equal(parseBinfmtEntry("qemu-x86_64", text.replace(x86Magic, armMagic), ""), undefined);
  assert.equal(parseBinfmtEntry("python", "enabled\ninterpreter /usr/bin/python\nflags: \nextension .py\n", ""), undefined);
  assert.equal(
    parseBinfmtEntry("jar", "enabled\ninterpreter /usr/bin/jexec\nflags: \noffset 0\nmagic 504b0304\n", ""),
    undefined,
  );
});

test("facts: an entry is off when it or all of binfmt_misc is off", () => {
  const entry = (state: string) =>
    `@@ binfmt x\n${state}\ninterpreter /q\nflags: F\noffset 0\n${x86Magic}@@ version x\nnothing known\n`;
  const enabled = (text: string) => parseFacts(text, []).emulators.map((emulator) => emulator.enabled);
  assert.deepEqual(enabled(`@@ binfmt-status\nenabled\n${entry("enabled")}`), [true]);
  assert.deepEqual(enabled(`@@ binfmt-status\nenabled\n${entry("disabled")}`), [false]);
  assert.deepEqual(enabled(`@@ binfmt-status\ndisabled\n${entry("enabled")}`), [false]);
  assert.equal(parseFacts(entry("enabled"), []).emulators[0]?.version, undefined);
});
