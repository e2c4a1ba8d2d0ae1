import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { buildCounterImage, image } from "../../faults/counter.ts";
import { leftInState } from "../../faults/leftovers.ts";
import { openPodmanStore, type PodmanStore } from "../../src/checkpoint/testing/podman-store.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { docker, removeContainer } from "./docker.ts";
import { ensureSource } from "./surroundings.ts";

/** Containers may not raise their limits here, and Podman's defaults are higher. */
const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
const upper = "{{.GraphDriver.Data.UpperDir}}";

/** A Podman of the test's own beside this machine's Docker, both with the image of a program that counts into /count. */
export class PodmanTest implements AsyncDisposable {
  /** For the test's own files. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly #name: string;
  readonly #store: PodmanStore;

  constructor(name: string, folder: string, store: PodmanStore) {
    this.#name = name;
    this.folder = folder;
    this.#store = store;
    this.environment = store.environment;
  }

  get stateFolder(): string {
    return join(this.folder, "state");
  }

  podman(...command: string[]): Promise<string> {
    return this.#store.podman(...command);
  }

  /** Runs a shell command on this machine. */
  async run(command: string): Promise<string> {
    return (await execa("sh", ["-euc", command])).stdout;
  }

  async startInPodman(...settings: string[]): Promise<void> {
    await this.podman("run", "--detach", "--name", this.#name, ...settings, `localhost/${image}`, "/counter");
    await eventually("a count", async () => (await this.podmansCount(this.#name)) > 10);
  }

  async startInDocker(...settings: string[]): Promise<void> {
    await docker("run", "--detach", "--name", this.#name, ...limits, ...settings, image);
    await eventually("a count", async () => (await this.dockersCount(this.#name)) > 10);
  }

  /** It is `stopped` until Podman has tidied up after it, then `exited`. */
  async podmansState(name: string): Promise<string> {
    const state = () => this.podman("inspect", "--format", "{{.State.Status}}", name);
    return await eventually("its end", async () => ((await state()) === "stopped" ? undefined : await state()));
  }

  dockersState(name: string): Promise<string> {
    return docker("inspect", "--format", "{{.State.Status}}", name);
  }

  async podmansCount(name: string): Promise<number> {
    return highest(await this.podmansLines(name));
  }

  async dockersCount(name: string): Promise<number> {
    return highest(await linesIn(await docker("inspect", "--format", upper, name)));
  }

  /** What it has written. */
  async podmansLines(name: string): Promise<string[]> {
    return linesIn(await this.podman("inspect", "--format", upper, name));
  }

  async assertCounts(count: () => Promise<number>): Promise<void> {
    const before = await count();
    await eventually("it counts on", async () => (await count()) > before + 10);
  }

  /** Nothing but journals stays, and no service of Podman's that a move has started. */
  async assertNothingStays(): Promise<void> {
    assert.deepEqual(await leftInState(this.stateFolder), []);
    await eventually("no service", async () => !(await readdir("/run")).some((each) => each.startsWith("migrate-container-")));
  }

  /** Removes containers, volumes and networks of the test. */
  async clear(): Promise<void> {
    for (const each of [this.#name, `${this.#name}-copy`]) await removeContainer(each);
    await docker("volume", "rm", "--force", this.#name);
    await execa("docker", ["network", "rm", testNetwork], { reject: false });
    await this.podman("rm", "--all", "--force", "--time", "0");
    await this.podman("volume", "prune", "--force");
    await this.podman("network", "rm", "--force", testNetwork);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of ["XDG_STATE_HOME", ...Object.keys(this.environment)]) delete process.env[key];
    await this.#store[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }
}

/** A network that a test may make, on either engine. */
export const testNetwork = "migrate-podman";

/** Makes all of it; this process and what it starts use it. @param name of the container that is moved; its copy has `-copy` behind */
export async function openPodmanTest(name: string): Promise<PodmanTest> {
  await ensureSource();
  await buildCounterImage();
  const store = await openPodmanStore("overlay");
  const place = new PodmanTest(name, await mkdtemp(join(tmpdir(), "podman-test-")), store);
  Object.assign(process.env, place.environment, { XDG_STATE_HOME: place.stateFolder });
  const saved = join(place.folder, "image.tar");
  await docker("save", "--output", saved, image);
  await store.podman("load", "--input", saved);
  return place;
}

async function linesIn(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, "count"), "utf8").catch(() => "");
  // The last line may be half written.
  return text.split("\n").slice(0, -1);
}

/** How far it has counted. @throws Error when a number is missing, or there twice */
function highest(lines: readonly string[]): number {
  const wrong = lines.findIndex((line, index) => line !== String(index + 1));
  if (wrong >= 0) throw new Error(`line ${wrong + 1} of ${lines.length} is ${lines[wrong]}`);
  return lines.length;
}
