import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openLocalHost } from "../../host/local.ts";
import { findCriuOn } from "./criu-on-host.ts";
import { findCriu } from "./find-criu.ts";

test("criu on a host: a bundle in a folder that is named comes first, one that is old is not taken", async (context) => {
  await using host = openLocalHost();
  const folder = join(await mkdtemp(join(tmpdir(), "criu-on-host-")), "a folder");
  context.after(() => rm(join(folder, ".."), { recursive: true }));
  const [binDirectory, program] = [join(folder, "bin"), join(folder, "bin", "criu")];
  await mkdir(binDirectory, { recursive: true });
  await writeFile(program, "#!/bin/sh\necho 'Version: 4.10'\necho 'GitID: v4.10'\n", { mode: 0o755 });
  assert.deepEqual(await findCriuOn(host, [join(folder, "none"), folder]), {
    binDirectory,
    program,
    version: "4.10",
    bundled: true,
  });
  await writeFile(program, "#!/bin/sh\necho 'Version: 4.1.1'\n");
  assert.notEqual((await findCriuOn(host, [folder]))?.program, program);
  await writeFile(program, "#!/bin/sh\nexit 1\n");
  assert.notEqual((await findCriuOn(host, [folder]))?.program, program);
});

test("criu on a host: of this machine it finds what is found from within", async () => {
  await using host = openLocalHost();
  assert.deepEqual(await findCriuOn(host, []), await findCriu());
});
