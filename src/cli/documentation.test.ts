import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { refusalReasons } from "../checkpoint/archive/refusal.ts";
import { exitCodes } from "./exit-codes.ts";
import { runWith } from "./testing/run-with.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/errors.md explains every error code, and no other", () => {
  const union = /export type ErrorCode =([^;]*);/.exec(read("src/errors.ts"))?.[1] ?? "";
  const codes = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 20, "the codes were found");
  const sections = read("docs/errors.md").split(/^### /m).slice(1);
  const explained = sections.map((section) => /^`([a-z-]+)`\n\S.{40,}/.exec(section)?.[1]);
  assert.deepEqual(explained.toSorted(), codes.toSorted());
});

test("docs/errors.md and docs/archives.md explain every reason for which an archive is refused, and no other", () => {
  const known = [...refusalReasons].toSorted();
  const tables: readonly (readonly [page: string, from: string, to: string])[] = [
    ["docs/errors.md", "### `archive-refused`", "\n## "],
    ["docs/archives.md", "## What is refused", "\n## "],
  ];
  for (const [page, from, to] of tables) {
    const section = read(page).split(from)[1]?.split(to)[0] ?? "";
    const rows = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell ?? "");
    const explained = rows.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, reason]) => reason ?? ""));
    assert.deepEqual(explained.toSorted(), known, page);
  }
});

test("docs/cli.md names every exit status", () => {
  const section = read("docs/cli.md").split("## Exit status")[1]?.split("\n## ")[0] ?? "";
  const named = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(named, Object.values(exitCodes));
});

for (const command of [
  "check",
  "migrate",
  "forward",
  "status",
  "recover",
  "checkpoint",
  "restore",
  "inspect",
  "setup",
  "compile",
]) {
  test(`docs/cli.md names every option of ${command}`, async () => {
    const { stdout } = await runWith({}, [command, "--help"]);
    const options = [...stdout.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? "");
    assert.ok(options.includes("--json"));
    const documentation = read("docs/cli.md");
    const ownSection = documentation.split(`\n## ${command}\n`)[1]?.split("\n## ")[0] ?? "";
    const general = documentation.split("\n## ")[0] ?? "";
    for (const option of options) assert.ok((general + ownSection).includes(`\`${option}`), option);
  });
}
