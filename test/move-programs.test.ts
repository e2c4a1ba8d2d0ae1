import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureImage } from "../lab/images.ts";
import { ensureArm64Machine, ensureX86Machine, type LabMachine } from "../lab/machines.ts";
import { messageOf } from "../src/errors.ts";
import { quoteCommand } from "../src/host/quote.ts";
import { migrate } from "../src/index.ts";
import { docker, publishedPort, removeContainer } from "./support/docker.ts";
import { clear, on } from "./support/machine.ts";
import { ensureSource } from "./support/surroundings.ts";
import * as services from "./workloads/services.ts";
import * as trees from "./workloads/trees.ts";
import type { Place, Workload } from "./workloads/workload.ts";

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
      const check = await workload.know(await start(workload));
      const result = await migrate({ container, target: machine.target, sshConfig: machine.sshConfig });
      assert.equal(result.status, "migrated", JSON.stringify(result));
      assert.equal(await docker("inspect", "--format", "{{.State.Running}}", container), "false");
      const there: Place = {
        container,
        published: { address: machine.address, port: machine.ports[8080]! },
        docker: (...words) => on(machine, quoteCommand(["docker", ...words])),
      };
      await check(there).catch(async (error: unknown) => {
        const said = await on(machine, `docker logs --tail 10 ${container} 2>&1; docker ps --all`);
        throw new Error(`not as it was known: ${messageOf(error)}\nOn ${machine.name}:\n${said}`, { cause: error });
      });
    });
  }
}

/** Starts the program on this machine, as a user would. */
async function start({ image, command = [], options = [], port = 8080 }: Workload): Promise<Place> {
  const tag = await ensureImage(image);
  await docker("run", "--detach", "--name", container, "--publish", `8080:${port}`, ...options, tag, ...command);
  return { container, published: await publishedPort(container, port), docker };
}
