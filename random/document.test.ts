import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { differencesTable } from "./differences.ts";

const file = new URL("../docs/support.md", import.meta.url);
const begin = "<!-- made from random/differences.ts by UPDATE_DOCS=1 -->\n\n";
const end = "\n<!-- end -->";

test("docs/support.md lists what may differ after a move", async () => {
  const text = await readFile(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  assert.ok(from >= 0 && to > from, "the marks of the table are gone");
  const made = `${text.slice(0, from)}${begin}${differencesTable()}${text.slice(to)}`;
  if (process.env.UPDATE_DOCS === "1") await writeFile(file, made);
  else assert.equal(text, made, "run this test with UPDATE_DOCS=1");
});
