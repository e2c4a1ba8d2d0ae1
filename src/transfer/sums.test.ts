import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { PackageFile } from "../checkpoint/manifest.ts";
import { describeFiles, verifySums } from "../checkpoint/manifest.ts";
import { sumFiles } from "./sums.ts";
import { hostWith } from "./testing/host-with.ts";

const manifestOf = (files: readonly PackageFile[]) => ({
  ...{ format: 1 as const, tool: "", created: "", files },
  source: { container: "", containerId: "", image: "", architecture: "", kernel: "" },
});

for (const programs of [["sha256sum"], ["busybox"], ["shasum", "perl"], ["openssl"]]) {
  test(`sums: SHA-256 is computed with ${programs.join(" and ")} alone`, async (context) => {
    const content = await mkdtemp(join(tmpdir(), "sums-content-"));
    context.after(() => rm(content, { recursive: true }));
    await writeFile(join(content, "one file"), "one");
    await writeFile(join(content, "two"), "");
    await using tools = await hostWith({ programs });
    const { host } = tools;
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

test("sums: a machine without any such program says so", async () => {
  await using tools = await hostWith({ programs: [] });
  await assert.rejects(sumFiles(tools.host, "/", ["x"], undefined), {
    code: "command-failed",
    message: /no sha256sum/,
  });
});
