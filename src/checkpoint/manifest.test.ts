import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { describeFiles, type Manifest, verifySums } from "./manifest.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "manifest-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const manifestOf = (files: Manifest["files"]): Manifest => ({
  format: 1,
  tool: "0.0.0",
  created: "2026-01-01T00:00:00.000Z",
  source: { container: "web", containerId: "1", image: "sha256:1", architecture: "x86_64", kernel: "6" },
  files,
});

test("manifest: every file is described, but the manifest; sha256sum agrees", async () => {
  await writeFile(join(folder, "b"), "");
  await writeFile(join(folder, "a -*"), Buffer.alloc(3_000_000, 7));
  await writeFile(join(folder, "manifest.json"), "{}");
  const seen: number[] = [];
  const files = await describeFiles(folder, (bytes) => seen.push(bytes));
  assert.deepEqual(
    files.map(({ name, size }) => [name, size]),
    [
      ["a -*", 3_000_000],
      ["b", 0],
    ],
  );
  assert.equal(files[1]?.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(seen.at(-1), 3_000_000);
  assert.deepEqual(
    seen,
    seen.toSorted((x, y) => x - y),
  );
  const sums = execFileSync("sha256sum", ["--", ...files.map(({ name }) => name)], { cwd: folder, encoding: "utf8" });
  verifySums(manifestOf(files), sums, "target");
});

test("manifest: hashing can be cancelled", async () => {
  await writeFile(join(folder, "large"), Buffer.alloc(50_000_000));
  const controller = new AbortController();
  await assert.rejects(
    describeFiles(folder, () => controller.abort(), controller.signal),
    { name: "AbortError" },
  );
  await rm(join(folder, "large"));
});

const sum = (digit: string): string => digit.repeat(64);
const sent = manifestOf([
  { name: "resume", size: 1, sha256: sum("1") },
  { name: "pages-1.img", size: 2, sha256: sum("2") },
]);

test("manifest: what arrived as it was sent is accepted, in any order, by any sha256sum", () => {
  verifySums(sent, `${sum("2")}  pages-1.img\n${sum("1")}  resume\n`, "target");
  verifySums(sent, `${sum("1")} */x/y/resume\n${sum("2")}  ./pages-1.img\n${sum("9")}  another\n`, "target");
});

for (const [what, sums, wrong] of [
  ["a missing file", `${sum("1")}  resume\n`, ["pages-1.img is missing"]],
  [
    "a file that differs",
    `${sum("1")}  resume\n${sum("3")}  pages-1.img\n`,
    [`pages-1.img differs (SHA-256 ${sum("3")}, sent ${sum("2")})`],
  ],
  ["no answer", "", ["resume is missing", "pages-1.img is missing"]],
  ["a sum that is cut off", `${sum("1")}  resume\n${"2".repeat(63)}  pages-1.img\n`, ["pages-1.img is missing"]],
] as const) {
  test(`manifest: ${what} is named`, () => {
    assert.throws(() => verifySums(sent, sums, "ssh://board"), {
      code: "package-corrupt",
      host: "ssh://board",
      message: `the package did not arrive as it was sent: ${wrong.join("; ")}`,
      details: { wrong },
    });
  });
}
