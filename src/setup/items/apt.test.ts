import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import type { Host } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import { machineWith } from "../testing/facts.ts";
import { aptInstall } from "./apt.ts";

let folder: string;
let host: Host;

/** Stands for apt-get: writes down what it was called with, and knows a package only after an update. */
const apt = `#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >>"$APT_FOLDER/calls"
case $* in
  *update*) : >"$APT_FOLDER/updated" ;;
  *) [ -e "$APT_FOLDER/updated" ] || { echo "Unable to locate package" >&2; exit 100; } ;;
esac
`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apt-"));
  await writeFile(join(folder, "apt-get"), apt, { mode: 0o755 });
  const local = openLocalHost();
  host = Object.assign(Object.create(local), {
    script: (
      text: string,
      parameters: readonly string[],
      options: { readonly environment: Readonly<Record<string, string>> },
    ) => {
      const environment = { ...options.environment, APT_FOLDER: folder, PATH: `${folder}:${process.env.PATH}` };
      return local.script(text, parameters, { environment });
    },
  });
});

after(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  for (const name of ["calls", "updated"]) await rm(join(folder, name), { force: true });
});

const install = (...packages: readonly string[]) => aptInstall({ host, facts: machineWith(), onProgress: () => {} }, packages);

test("packages are installed without questions", async () => {
  await writeFile(join(folder, "updated"), "");
  await install("tar", "crun");
  assert.equal(await readFile(join(folder, "calls"), "utf8"), "noninteractive -q -y --no-install-recommends install tar crun\n");
});

test("an index that knows the package not yet is read anew", async () => {
  await install("crun");
  const calls = (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  assert.deepEqual(
    calls.map((call) => call.split(" ").at(-1)),
    ["crun", "update", "crun"],
  );
});
