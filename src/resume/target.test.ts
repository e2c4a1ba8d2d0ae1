import assert from "node:assert/strict";
import test from "node:test";
import { nativeTarget } from "./target.ts";

const old = new Set(["sse4_2", "popcnt", "avx", "avx2", "bmi1", "bmi2", "fma", "movbe", "abm", "erms"]);
const server = new Set([...old, "avx512f", "avx512vl", "avx512bw", "xsavec", "rtm", "fsrm"]);

test("native target: the same CPU", () => {
  assert.deepEqual(nativeTarget(server, server), {
    architecture: "x86_64",
    execution: "native",
    avx512: true,
    redispatch: false,
    lacks: new Set(),
  });
  assert.deepEqual(nativeTarget(old, old), {
    architecture: "x86_64",
    execution: "native",
    avx512: false,
    redispatch: false,
    lacks: new Set(),
  });
});

test("native target: more features do no harm", () => {
  assert.deepEqual(nativeTarget(old, server), {
    architecture: "x86_64",
    execution: "native",
    avx512: true,
    redispatch: false,
    lacks: new Set(),
  });
});

for (const feature of ["avx512vl", "rtm", "xsavec"]) {
  test(`native target: without ${feature} the choices are made anew`, () => {
    const target = new Set([...server].filter((it) => it !== feature));
    assert.deepEqual(nativeTarget(server, target), {
      architecture: "x86_64",
      execution: "native",
      avx512: true,
      redispatch: true,
      lacks: new Set(),
    });
  });
}

test("native target: what can't be dispatched away is named", () => {
  const target = new Set([...server].filter((it) => it !== "avx2" && it !== "bmi2"));
  assert.deepEqual(nativeTarget(server, target), { missing: ["avx2", "bmi2"] });
});
