import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { dockerProgram } from "../lab/docker.ts";
import type { LabMachine } from "../lab/machines.ts";
import { docker, removeContainer } from "../test/support/docker.ts";
import { on } from "../test/support/machine.ts";

/** A name of its own, so that several runs don't disturb each other. */
export const container = `migrate-container-fault-${process.pid}`;
/** It has a volume, too. */
export const volume = container;
export const image = "migrate-container/counter:2";

/** Makes the image with the counting program. */
export async function buildCounterImage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "counter-"));
  try {
    await compileCounter(join(folder, "counter"));
    const archive = execa("tar", ["--create", "--directory", folder, "counter"], { encoding: "buffer" });
    await execa(dockerProgram, ["import", "--change", 'CMD ["/counter"]', "-", image], { input: (await archive).stdout });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param path where the program goes */
export async function compileCounter(path: string): Promise<void> {
  await execa("gcc", ["-static", "-O1", "-o", path, fileURLToPath(new URL("counter.c", import.meta.url))]);
}

/** Starts it and lets it count a little. */
export async function startCounter(): Promise<void> {
  await removeCounter();
  // A stop of its engine ends it at once: as process 1 it takes no SIGTERM.
  await docker(
    "run",
    "--detach",
    "--name",
    container,
    "--stop-timeout",
    "1",
    "--volume",
    `${volume}:/data`,
    image,
    "/counter",
    "--log",
  );
  await setTimeout(200);
}

/** Removes it and its volume from this machine. */
export async function removeCounter(): Promise<void> {
  await removeContainer(container);
  await docker("volume", "rm", "--force", volume);
}

/** What one machine has of the container. */
export interface Place {
  readonly name: "source" | "target";
  run(command: string): Promise<string>;
}

export const source: Place = { name: "source", run: async (command) => (await execa("sh", ["-c", command])).stdout.trim() };

export function targetPlace(machine: LabMachine): Place {
  return { name: "target", run: (command) => on(machine, command) };
}

/** `running`, `paused`, `exited`, `created`; empty when there is no such container. */
export async function stateAt({ run }: Place): Promise<string> {
  return await run(`docker inspect --format '{{.State.Status}}' ${container} 2>/dev/null || true`);
}

/** How far it has counted. @throws Error when a number is missing, or there twice */
export async function countAt({ run, name }: Place): Promise<number> {
  const text = await run(
    `awk 'NR != $1 && !bad {bad = NR} END {print NR, bad + 0}' "$(docker inspect --format '{{.GraphDriver.Data.UpperDir}}' ${container})/count"`,
  );
  const [lines = 0, bad = 0] = text.split(" ").map(Number);
  // The last line may be half written.
  if (bad !== 0 && bad !== lines) throw new Error(`on the ${name}, line ${bad} of ${lines} is not the number ${bad}`);
  return lines;
}

/** Asserts that it has logged every tenth number, each once. @throws Error that names the first line that is another */
export async function assertLogged({ run, name }: Place): Promise<void> {
  const text = await run(`docker logs ${container} | awk 'NR * 10 != $1 && !bad {bad = NR} END {print NR, bad + 0}'`);
  const [lines = 0, bad = 0] = text.split(" ").map(Number);
  if (lines === 0 || bad !== 0)
    throw new Error(`on the ${name}, line ${bad} of ${lines} in the logs is not the number ${bad * 10}`);
}
