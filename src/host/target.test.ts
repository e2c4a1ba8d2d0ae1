import assert from "node:assert/strict";
import { test } from "node:test";
import { openHost } from "./open.ts";
import { parseTarget } from "./target.ts";

test("target: all the forms of an address", () => {
  const ssh = (host: string, user?: string, port?: number) => ({ kind: "ssh", host, user, port });
  assert.deepEqual(parseTarget("local"), { kind: "local" });
  assert.deepEqual(parseTarget("ssh://board"), ssh("board"));
  assert.deepEqual(parseTarget("ssh://My_Board"), ssh("My_Board"));
  assert.deepEqual(parseTarget("ssh://root@board.example:2222"), ssh("board.example", "root", 2222));
  assert.deepEqual(parseTarget("ssh://192.0.2.7:22/"), ssh("192.0.2.7", undefined, 22));
  assert.deepEqual(parseTarget("ssh://a@[2001:db8::7]:2200"), ssh("2001:db8::7", "a", 2200));
  assert.deepEqual(parseTarget("ssh://[fe80::1%eth0]"), ssh("fe80::1%eth0"));
  assert.deepEqual(parseTarget("adb:"), { kind: "adb", serial: undefined });
  for (const serial of ["0123456789ABCDEF", "192.168.1.20:5555", "[2001:db8::7]:5555", "emulator-5554"]) {
    assert.deepEqual(parseTarget(`adb:${serial}`), { kind: "adb", serial });
  }
});

for (const text of [
  "adb",
  "adb:-s",
  "adb:a b",
  "",
  "board",
  "root@board",
  "ssh:board",
  "ssh://",
  "ssh://:22",
  "ssh://-oProxyCommand=x",
  "ssh://-l@board",
  "ssh://board:0",
  "ssh://board:70000",
  "ssh://a b",
  "ssh://2001:db8::7",
  "ssh://board/path",
  "tcp://board:2375",
]) {
  test(`target: ${JSON.stringify(text)} is refused with the forms that are known`, async () => {
    await assert.rejects(openHost(text), { code: "usage", remedy: /local.*ssh:\/\/\[user@\]host\[:port\]/ });
  });
}
