import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { MigrationError } from "../errors.ts";
import { resolveTarget } from "./resolve-target.ts";
import { readSshNames } from "./ssh-names.ts";

let folder: string;
let configFile: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ssh-names-"));
  configFile = join(folder, "config");
  await mkdir(join(folder, "more machines"));
  await writeFile(join(folder, "more machines", "b.conf"), "host second\n  Port 23\n");
  await writeFile(join(folder, "more machines", "a.conf"), `Host first\nInclude ${configFile}\n`);
  await writeFile(
    configFile,
    [
      "# the machines",
      "Host my_board Lab.example",
      "  HostName 192.0.2.1",
      `  Include "${folder}/more machines/*.conf" /nowhere/*`,
      "Host rack-?? !rack-13",
      "  User root",
      "Match user nobody",
      "  Port 24",
      "Host *",
      "  IdentitiesOnly yes",
      "",
    ].join("\n"),
  );
});
after(() => rm(folder, { recursive: true, force: true }));

test("ssh names: those of Host lines and of included files, which may include each other", async () => {
  const { names } = await readSshNames(configFile);
  assert.deepEqual(names, ["my_board", "Lab.example", "first", "second"]);
});

test("ssh names: patterns define names too, but one for all machines defines none", async () => {
  const { defines } = await readSshNames(configFile);
  for (const name of ["my_board", "Lab.example", "second", "rack-12"]) assert.equal(defines(name), true, name);
  for (const name of ["board", "rack-13", "rack-1", "nobody", "my_board2", "Labxexample"])
    assert.equal(defines(name), false, name);
});

test("ssh names: a file that isn't there, or is no configuration, has none", async () => {
  assert.deepEqual((await readSshNames(join(folder, "missing"))).names, []);
  const odd = join(folder, "odd");
  await writeFile(odd, '"\0{"');
  assert.deepEqual((await readSshNames(odd)).names, []);
});

test("target: a name with an entry is an SSH address", async () => {
  assert.equal(await resolveTarget("my_board", { configFile }), "ssh://my_board");
  assert.equal(await resolveTarget("rack-07", { configFile }), "ssh://rack-07");
  for (const other of ["local", "ssh://my_board", "root@my_board", "tcp://x", "-l", ""]) {
    assert.equal(await resolveTarget(other, { configFile }), other);
  }
});

test("target: an unknown name is told with those that are known, and how to write a target", async () => {
  await assert.rejects(resolveTarget("bord", { configFile }), (error: MigrationError) => {
    assert.equal(error.code, "usage");
    assert.match(error.message, /no entry for `bord`/);
    assert.match(
      error.remedy ?? "",
      /It has my_board, Lab\.example, first, second\..*`local`.*ssh:\/\/\[user@\]host\[:port\].*`ssh:\/\/bord`/,
    );
    return true;
  });
  await assert.rejects(resolveTarget("bord", { configFile: join(folder, "missing") }), { code: "usage", remedy: /It has none/ });
});
