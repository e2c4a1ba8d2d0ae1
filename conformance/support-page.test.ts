import assert from "node:assert/strict";
import { test } from "node:test";
import { readCatalogue, ways } from "./catalogue.ts";
import { claimOf, partsOfPage, reasonOf } from "./support-page.ts";

test("docs/support.md has a row for each conformance program, with the reasons for what is not carried", async () => {
  const [, made] = await partsOfPage();
  const rows = made.split("\n").filter((line) => line.startsWith("| ") && line.includes("../conformance/programs/"));
  const catalogue = await readCatalogue();
  assert.ok(catalogue.length >= 80, `${catalogue.length} programs`);
  assert.equal(rows.length, catalogue.length, "make it anew: npm run conformance -- --write-docs");
  for (const program of catalogue) {
    const row = rows.find((line) => line.startsWith(`| ${claimOf(program)} |`));
    assert.ok(row !== undefined, `${program.name} is missing: npm run conformance -- --write-docs`);
    for (const way of ways.filter((each) => each !== "criu")) {
      const reason = reasonOf(program, way);
      if (reason !== undefined) assert.ok(row.includes(reason), `${program.name}: ${reason}`);
    }
  }
});
