import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { sshConfigText } from "./ssh-config.ts";

const access = {
  alias: "board-lab",
  address: "127.0.0.1",
  port: 40022,
  identityFile: "/keys of mine/user-key",
  knownHostsFile: "/keys of mine/known-hosts",
};

test("OpenSSH reads from the configuration what was meant", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ssh-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "config");
  writeFileSync(file, sshConfigText(access));
  // -G prints the settings that a connection would use, and connects to nothing.
  const settings = execFileSync("ssh", ["-G", "-F", file, access.alias], { encoding: "utf8" }).split("\n");
  const expected = [
    "hostname 127.0.0.1",
    "port 40022",
    "user root",
    "identityfile /keys of mine/user-key",
    "identitiesonly yes",
    "hostkeyalias board-lab",
    "userknownhostsfile /keys of mine/known-hosts",
    "stricthostkeychecking true",
  ];
  for (const line of expected) assert.ok(settings.includes(line), `${line} in:\n${settings.join("\n")}`);
});
