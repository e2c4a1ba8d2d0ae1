import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBoundedJson } from "./bounded-json.ts";

test("bounded JSON: what JSON.parse takes is taken, within the bounds", () => {
  for (const text of ['{"a":[1,2,{"b":"[[[,,,"}],"c\\"[":"\\\\"}', "[]", "7", '"\\""', `${"[".repeat(100)}${"]".repeat(100)}`]) {
    assert.deepEqual(parseBoundedJson(text), JSON.parse(text));
  }
});

test("bounded JSON: too deep, too many, no JSON", () => {
  assert.throws(() => parseBoundedJson("[".repeat(101) + "]".repeat(101)), /in each other/);
  assert.throws(() => parseBoundedJson("[1,2,3,4]", 2), /more than 2 values/);
  assert.deepEqual(parseBoundedJson("[1,2,3]", 2), [1, 2, 3]);
  for (const text of ["", "{", '"', '"\\', "[1,]"]) assert.throws(() => parseBoundedJson(text), SyntaxError);
});
