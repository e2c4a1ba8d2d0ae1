import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { PackageFile } from "../checkpoint/manifest.ts";
import { describeFiles, verifySums } from "../checkpoint/manifest.ts";
import { openLocalHost } from "../host/local.ts";
import { sumFiles } from "./sums.ts";

const manifestOf = (files: readonly PackageFile[]) => ({
  ...{ format: 1 as const, tool: "", created: "", files },
  source: { container: "", containerId: "", image: "", architecture: "", kernel: "" },
});

/** A host whose PATH has only these programs. */
async function hostWith(folder: string, programs: readonly string[]) {
  const host = openLocalHost();
  for (const program of [...programs, "sh", "cut"]) {
    await symlink(execFileSync("which", [program], { encoding: "utf8" }).trim(), join(folder, program)).catch(() => {});
  }
  return Object.assign(Object.create(host), {
    script: (text: string, parameters: string[]) => host.script(`PATH=${folder}; ${text}`, parameters),
  });
}

for (const programs of [["sha256sum"], ["busybox"], ["shasum", "perl"], ["openssl"]]) {
  test(`sums: SHA-256 is computed with ${programs.join(" and ")} alone`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "sums-"));
    context.after(() => rm(folder, { recursive: true }));
    const content = await mkdtemp(join(tmpdir(), "sums-content-"));
    context.after(() => rm(content, { recursive: true }));
    await writeFile(join(content, "one file"), "one");
    await writeFile(join(content, "two"), "");
    const host = await hostWith(folder, programs);
    const files = await describeFiles(content);
    verifySums(
      manifestOf(files),
      await sumFiles(
        host,
        content,
        files.map(({ name }) => name),
        undefined,
      ),
      "local",
    );
    await writeFile(join(content, "two"), "damaged");
    const after = await sumFiles(
      host,
      content,
      files.map(({ name }) => name),
      undefined,
    );
    assert.throws(() => verifySums(manifestOf(files), after, "local"), { code: "package-corrupt", message: /two differs/ });
  });
}

test("sums: a machine without any such program says so", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "sums-"));
  context.after(() => rm(folder, { recursive: true }));
  await assert.rejects(sumFiles(await hostWith(folder, []), "/", ["x"], undefined), {
    code: "command-failed",
    message: /no sha256sum/,
  });
});
