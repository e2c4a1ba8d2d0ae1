import assert from "node:assert/strict";
import test from "node:test";
import { Meter } from "./meter.ts";

test("the rate is that of the last seconds, and the estimate follows from it", () => {
  const meter = new Meter();
  meter.record(0, 0, 10_000);
  assert.equal(meter.rate, undefined);
  assert.equal(meter.remainingMs, undefined);
  for (let second = 1; second <= 10; second++) meter.record(second * 1000, second * 100, 10_000);
  assert.equal(meter.rate, 100);
  for (let second = 11; second <= 20; second++) meter.record(second * 1000, 1000 + (second - 10) * 400, 10_000);
  assert.equal(meter.rate, 400);
  assert.equal(meter.share, 0.5);
  assert.equal(meter.remainingMs, 12_500);
});

test("a standstill has a rate of 0 and no estimate", () => {
  const meter = new Meter();
  for (let second = 0; second <= 10; second++) meter.record(second * 1000, 500, 1000);
  assert.equal(meter.rate, 0);
  assert.equal(meter.remainingMs, undefined);
});

test("without a total there is neither share nor estimate", () => {
  const meter = new Meter();
  meter.record(0, 0, undefined);
  meter.record(1000, 100, undefined);
  assert.equal(meter.rate, 100);
  assert.equal(meter.share, undefined);
  assert.equal(meter.remainingMs, undefined);
});

test("bytes that were begun anew do not make a negative rate", () => {
  const meter = new Meter();
  meter.record(0, 0, 1000);
  meter.record(1000, 900, 1000);
  meter.record(2000, 0, 1000);
  meter.record(3000, 10, 1000);
  assert.equal(meter.rate, 10);
});

test("more bytes than announced are no more than all", () => {
  const meter = new Meter();
  meter.record(0, 0, 100);
  meter.record(1000, 120, 100);
  assert.equal(meter.share, 1);
  assert.equal(meter.remainingMs, 0);
});

test("nothing to send is all sent", () => {
  const meter = new Meter();
  meter.record(0, 0, 0);
  assert.equal(meter.share, 1);
});
