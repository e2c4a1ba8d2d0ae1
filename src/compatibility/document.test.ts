import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { rulesDocument } from "./document.ts";

const file = new URL("../../docs/compatibility.md", import.meta.url);
const begin = "<!-- made from src/compatibility/rules by UPDATE_DOCS=1 -->\n\n";

test("docs/compatibility.md lists the rules as they are", async () => {
  const text = await readFile(file, "utf8");
  const [head, rest] = text.split(begin);
  if (process.env.UPDATE_DOCS === "1") await writeFile(file, `${head}${begin}${rulesDocument()}`);
  else assert.equal(rest, rulesDocument(), "run this test with UPDATE_DOCS=1");
});
