import assert from "node:assert/strict";
import test from "node:test";
import { styleFor } from "./style.ts";
import { symbolsFor } from "./symbols.ts";

const terminal = { write: () => true, isTTY: true };
const pipe = { write: () => true };
const red = "\x1b[31mno\x1b[39m";

test("a terminal gets colours", () => {
  assert.equal(styleFor(terminal, {}, true).red("no"), red);
  assert.equal(styleFor(terminal, { NO_COLOR: "" }, true).red("no"), red);
});

for (const [why, stream, environment, allowed] of [
  ["what is no terminal", pipe, {}, true],
  ["NO_COLOR", terminal, { NO_COLOR: "1" }, true],
  ["--no-color", terminal, {}, false],
  ["a dumb terminal", terminal, { TERM: "dumb" }, true],
] as const) {
  test(`${why} gets none`, () => {
    assert.equal(styleFor(stream, environment, allowed).red("no"), "no");
  });
}

test("signs beyond ASCII are for UTF-8 locales, the most special variable counting", () => {
  assert.equal(symbolsFor({ LANG: "en_US.UTF-8" }).tick, "✔");
  assert.equal(symbolsFor({ LC_ALL: "C", LANG: "en_US.UTF-8" }).tick, "+");
  assert.equal(symbolsFor({ LC_ALL: "", LC_CTYPE: "C.utf8" }).tick, "✔");
  assert.equal(symbolsFor({}).tick, "+");
});
