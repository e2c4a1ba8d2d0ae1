import assert from "node:assert/strict";
import { after, test } from "node:test";
import { buildProgram } from "../../conformance/build-programs.ts";
import { type ConformanceProgram, readCatalogue } from "../../conformance/catalogue.ts";
import { runProgram } from "../../conformance/run-program.ts";
import { problemsOf } from "../../conformance/table.ts";
import { Arm64 } from "../../conformance/ways/arm64.ts";

/** Every program is resumed natively, and the first of each kind of object on ARM64; all of them in all ways: npm run conformance. */
const catalogue = await readCatalogue();
const arm64 = await Arm64.open();
after(() => arm64[Symbol.asyncDispose]());
for (const program of catalogue) await buildProgram(program);

for (const program of catalogue) {
  const emulated = isFirstOfItsKind(program);
  test(`conformance: ${program.name}${emulated ? ", on ARM64 too" : ""}`, async () => {
    const outcomes = await runProgram(program, ["native"], emulated ? arm64 : undefined);
    assert.deepEqual(problemsOf({ program, outcomes }), []);
  });
}

function isFirstOfItsKind(program: ConformanceProgram): boolean {
  return catalogue.find(({ title }) => title === program.title) === program;
}
