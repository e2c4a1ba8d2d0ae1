import assert from "node:assert/strict";
import test from "node:test";
import { runWith } from "../testing/run-with.ts";

const sources = {
  containers: async () => ["web", "worker"],
  targets: async (sshConfig: string | undefined) => (sshConfig === undefined ? ["board"] : [`board of ${sshConfig}`]),
};

/** What is offered, without descriptions. */
async function offered(...words: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runWith({ completionSources: sources }, ["__complete", "--", ...words]);
  assert.deepEqual([exitCode, stderr], [0, ""]);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/\t.*/, ""));
}

test("completion: commands, and none that are hidden", async () => {
  const all = await offered("");
  for (const name of ["check", "migrate", "setup", "compile", "completion"]) assert.ok(all.includes(name), name);
  assert.ok(!all.includes("__complete"));
  assert.deepEqual(await offered("mig"), ["migrate"]);
  assert.deepEqual(await offered("--verbose", "mig"), ["migrate"]);
});

test("completion: commands and options have descriptions", async () => {
  const { stdout } = await runWith({ completionSources: sources }, ["__complete", "--", "migrate", "--dr"]);
  assert.equal(stdout, "--dry-run\tonly check and tell what would be done\n");
});

test("completion: options of the command and of the program", async () => {
  assert.deepEqual(await offered("migrate", "--dry"), ["--dry-run"]);
  assert.deepEqual(await offered("migrate", "web", "--verb"), ["--verbose"]);
  assert.deepEqual(await offered("setup", "--dry"), []);
  assert.deepEqual(await offered("migrate", "--", "--dry"), []);
});

test("completion: choices, of options in both ways of writing them and of arguments", async () => {
  assert.deepEqual(await offered("migrate", "--leave-source", ""), ["stopped", "removed"]);
  assert.deepEqual(await offered("migrate", "--leave-source=re"), ["--leave-source=removed"]);
  assert.deepEqual(await offered("completion", "z"), ["zsh"]);
});

test("completion: files where a file or folder is wanted", async () => {
  assert.deepEqual(await offered("check", "--config", "x"), [":files"]);
  assert.deepEqual(await offered("check", "--config=x"), [":files"]);
  assert.deepEqual(await offered("compile", ""), [":files"]);
  assert.deepEqual(await offered("compile", "images", "--output", ""), [":files"]);
});

test("completion: containers, then targets, of the SSH configuration on the command line", async () => {
  assert.deepEqual(await offered("migrate", "w"), ["web", "worker"]);
  assert.deepEqual(await offered("migrate", "--timeout", "5", "wo"), ["worker"]);
  assert.deepEqual(await offered("migrate", "web", ""), ["board", "web", "worker"]);
  assert.deepEqual(await offered("migrate", "web", "worker", "b"), ["board"]);
  assert.deepEqual(await offered("migrate", "web", "--ssh-config=c", "b"), ["board of c"]);
  assert.deepEqual(await offered("migrate", "--ssh-config", "c", "web", "b"), ["board of c"]);
  assert.deepEqual(await offered("restore", "file", ""), ["board"]);
});

test("completion: nothing for values that can't be known", async () => {
  assert.deepEqual(await offered("migrate", "--timeout", ""), []);
  assert.deepEqual(await offered("no-such-command", ""), await offered(""));
});
