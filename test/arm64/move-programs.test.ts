import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../../lab/machines.ts";
import { removeContainer } from "../support/docker.ts";
import { clear, on } from "../support/machine.ts";
import { ensureSource } from "../support/surroundings.ts";
import { moveProgram } from "../workloads/move-program.ts";
import * as services from "../workloads/services.ts";
import * as trees from "../workloads/trees.ts";
import type { Workload } from "../workloads/workload.ts";

const container = "move-programs";
let machines: { readonly natively: LabMachine; readonly "to ARM64": LabMachine };

before(async () => {
  await ensureSource();
  machines = { natively: await ensureX86Machine(), "to ARM64": await ensureArm64Machine() };
  assert.equal(await on(machines["to ARM64"], "uname -m"), "aarch64");
});

after(removeAll);

async function removeAll(): Promise<void> {
  await removeContainer(container);
  for (const machine of Object.values(machines)) await clear(machine, container);
}

/** What is emulated is resumed by another way than what runs natively, so these are moved by both. */
const natively: readonly Workload[] = [...Object.values(trees), services.pythonThreads];

for (const workload of [...Object.values(trees), ...Object.values(services)]) {
  for (const way of natively.includes(workload) ? (["natively", "to ARM64"] as const) : (["to ARM64"] as const)) {
    test(`${workload.title} moves with its state, ${way}`, { timeout: 300_000 }, async () => {
      await removeAll();
      const machine = machines[way];
      await moveProgram(workload, { container, machine, target: machine.target });
    });
  }
}
