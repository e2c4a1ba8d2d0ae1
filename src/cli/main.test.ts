import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const launcher = fileURLToPath(new URL("../../bin/migrate-container", import.meta.url));

async function run(...parameters: string[]) {
  return await execa(process.execPath, [launcher, ...parameters], { reject: false, timeout: 20_000 });
}

for (const [command, mentioned] of [
  [[], ["check", "migrate", "checkpoint", "inspect", "setup", "--no-color", "--version"]],
  [["check"], ["<container...> [target]", "--ssh-config <file>", "MIGRATE_CONTAINER_SSH_CONFIG", "--json"]],
  [
    ["migrate"],
    [
      "<container...> <target>",
      "--compose-project <name>",
      "--dry-run",
      "--name <name>",
      "--leave-source <state>",
      "--health-cmd <command>",
      "--timeout <seconds>",
      "--json",
    ],
  ],
  [["setup"], ["--json"]],
  [
    ["checkpoint"],
    ["<container>", "-o, --output <file>", "--encrypt <recipient>", "--with-image", "--stop", "--compress <method>"],
  ],
  [["inspect"], ["<file>", "--show <sections>", "--identity <file>", "--secrets", "--json"]],
] as const) {
  test(`\`${["migrate-container", ...command, "--help"].join(" ")}\` names arguments and options and has examples`, async () => {
    const { exitCode, stdout, stderr } = await run(...command, "--help");
    assert.equal(exitCode, 0);
    assert.equal(stderr, "");
    for (const text of [...mentioned, "--verbose", "Examples:\n  $ migrate-container "])
      assert.ok(stdout.includes(text), `${text} in ${stdout}`);
  });
}

test("--version prints the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  assert.equal((await run("--version")).stdout, `migrate-container ${version}`);
});

for (const [parameters, message] of [
  [[], /^Usage: /],
  [["teleport"], /unknown command 'teleport'/],
  [["migrate", "web"], /missing required argument 'target'/],
  [["check"], /missing required argument 'container'/],
  [["restore", "web.ckpt", "ssh://board", "more"], /too many arguments/],
  [["migrate", "--compose-project", "shop"], /missing required argument 'target'/],
  [["migrate", "--compose-project", "shop", "web", "ssh://board"], /containers can't be named together with --compose-project/],
  [["check", "web", "--bogus"], /unknown option '--bogus'/],
  [["migrate", "web", "ssh://board", "--leave-source", "burnt"], /Allowed choices are stopped, removed/],
  [["migrate", "web", "ssh://board", "--timeout", "0"], /must be a number of seconds above 0/],
  [["migrate", "web", "ssh://board", "--timeout", "1m"], /must be a number of seconds above 0/],
  [["migrate", "web", "ssh://board", "--timeout", "2147484"], /at most 2147483/],
] as const) {
  test(`wrong usage ends with 2: ${parameters.join(" ") || "nothing"}`, async () => {
    const { exitCode, stdout, stderr } = await run(...parameters);
    assert.equal(exitCode, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  });
}
