import assert from "node:assert/strict";
import test from "node:test";
import { recipeKey } from "./recipe-cache.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("the same recipe has the same key, fit for a file name", () => {
  const key = recipeKey(["redis"], [bytes("script"), bytes("library")]);
  assert.equal(recipeKey(["redis"], [bytes("script"), bytes("library")]), key);
  assert.match(key, /^[0-9a-f]{16}$/);
});

test("any change of parameters or files changes the key", () => {
  const keys = [
    recipeKey(["redis"], [bytes("ab"), bytes("c")]),
    recipeKey(["python"], [bytes("ab"), bytes("c")]),
    recipeKey(["redis"], [bytes("ab"), bytes("d")]),
    recipeKey(["redis"], [bytes("ab")]),
    // The same bytes, divided differently between the files.
    recipeKey(["redis"], [bytes("a"), bytes("bc")]),
  ];
  assert.equal(new Set(keys).size, keys.length);
});
