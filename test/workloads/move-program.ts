import assert from "node:assert/strict";
import { ensureImage } from "../../lab/images.ts";
import type { LabMachine } from "../../lab/machines.ts";
import { messageOf } from "../../src/errors.ts";
import { quoteCommand } from "../../src/host/quote.ts";
import { migrate } from "../../src/index.ts";
import { docker, publishedPort } from "../support/docker.ts";
import { on } from "../support/machine.ts";
import type { Place, Workload } from "./workload.ts";

interface Way {
  /** Name of the container; there must be none yet, here and there. */
  readonly container: string;
  readonly machine: LabMachine;
  /** How the machine is reached. */
  readonly target: string;
}

/** Starts a program, moves it, and looks there at what was known of it here. */
export async function moveProgram(workload: Workload, { container, machine, target }: Way): Promise<void> {
  const check = await workload.know(await start(workload, container));
  const result = await migrate({ container, target, sshConfig: machine.sshConfig });
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
}

/** Starts the program on this machine, as a user would. */
async function start({ image, command = [], options = [], port = 8080 }: Workload, container: string): Promise<Place> {
  const tag = await ensureImage(image);
  await docker("run", "--detach", "--name", container, "--publish", `8080:${port}`, ...options, tag, ...command);
  return { container, published: await publishedPort(container, port), docker };
}
