import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { buildCounterImage } from "../../faults/counter.ts";
import { type Fault, type FaultCase, type Way, ways } from "../../faults/fault-case.ts";
import { type Link, openLink } from "../../faults/link.ts";
import { runCase } from "../../faults/run-case.ts";
import { ensureArm64Machine, ensureX86Machine } from "../../lab/machines.ts";
import { ensureSource } from "../support/surroundings.ts";

/** The cases of `npm run faults` at which most is at stake; all of them take the better part of an hour. */
const chosen: readonly (readonly [Way, Fault, FaultCase["point"]["when"], string])[] = [
  ["resume", "kill", "before", "object runtime"],
  ["resume", "kill", "after", "step create"],
  ["resume", "kill", "after", "step copy-volumes"],
  ["resume", "kill", "before", "step dump"],
  ["resume", "kill", "after", "step apply"],
  ["resume", "kill", "before", "expected"],
  ["resume", "kill", "after", "step start"],
  ["resume", "kill", "before", "committed"],
  ["resume", "kill", "after", "step commit"],
  ["resume", "cut", "before", "step send"],
  ["resume", "cut", "before", "step sync-volumes"],
  ["resume", "cut", "before", "step validate"],
  ["resume", "stop-engine", "before", "step commit"],
  ["restore", "kill", "after", "step start"],
  ["restore", "cut", "before", "step start"],
  ["restore", "stop-engine", "before", "step validate"],
  ["resume-arm64", "kill", "after", "step start"],
  ["resume-arm64", "cut", "before", "step commit"],
];

const links = new Map<string, Promise<Link>>();

before(async () => {
  await ensureSource();
  await buildCounterImage();
});

after(async () => {
  for (const link of links.values()) await (await link)[Symbol.asyncDispose]();
});

for (const [way, fault, when, what] of chosen) {
  test(`${way}: ${fault} ${when} ${what}: exactly one copy runs after the recovery`, async () => {
    const { machine: name } = ways[way];
    const machine = await (name === "x86" ? ensureX86Machine() : ensureArm64Machine());
    const link = await (links.get(name) ?? links.set(name, openLink(machine)).get(name)!);
    const { problems, count } = await runCase({ way, fault, point: { when, what } }, { machine, link });
    assert.deepEqual(problems, []);
    assert.ok(count > 0);
  });
}
