import assert from "node:assert/strict";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { noConfiguration } from "./configuration.ts";
import { readConfiguration, usualFiles } from "./read.ts";

let folder: string;
let usual: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "configuration-"));
  await mkdir(join(folder, "migrate-container"));
  usual = join(folder, "migrate-container", "criu_config.json");
});
after(() => rm(folder, { recursive: true, force: true }));

test("configuration: it is looked for in the user's folder, then the system's, never in the working folder", () => {
  const system = "/etc/migrate-container/criu_config.json";
  assert.deepEqual(usualFiles({ XDG_CONFIG_HOME: folder }), [usual, system]);
  const below = "/home/me/.config/migrate-container/criu_config.json";
  assert.deepEqual(usualFiles({ HOME: "/home/me" }), [below, system]);
  assert.deepEqual(usualFiles({ HOME: "/home/me", XDG_CONFIG_HOME: "relative" }), [below, system]);
});

test("configuration: without a file nothing is set", async () => {
  assert.equal(await readConfiguration({ environment: { XDG_CONFIG_HOME: join(folder, "nowhere") } }), noConfiguration);
});

test("configuration: one in its usual place must not be others' to change; one that was named may be", async () => {
  const environment = { XDG_CONFIG_HOME: folder };
  await writeFile(usual, '{"log_level": 2}', { mode: 0o644 });
  assert.equal((await readConfiguration({ environment })).logLevel, 2);
  await chmod(usual, 0o664);
  await assert.rejects(readConfiguration({ environment }), { code: "config-invalid", remedy: /chmod go-w/ });
  assert.equal((await readConfiguration({ environment, file: usual })).logLevel, 2);
  await chmod(usual, 0o644);
  await chown(usual, 1234, 1234);
  await assert.rejects(readConfiguration({ environment }), { code: "config-invalid", message: /can be changed by other users/ });
});

test("configuration: a named file must be there", async () => {
  const file = join(folder, "missing.json");
  await assert.rejects(readConfiguration({ file }), { code: "config-invalid", remedy: /--config/, details: { file } });
});
