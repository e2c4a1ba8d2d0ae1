import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { compileCounter } from "../../faults/counter.ts";
import type { LabMachine } from "../../lab/machines.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { on } from "./machine.ts";

/** Runs a shell command on a machine. @returns standard output, trimmed */
export type Run = (command: string) => Promise<string>;

const here: Run = async (command) => (await execa("sh", ["-euc", command])).stdout.trim();

/** What a move puts on a machine, beside the bundle. */
const ownFolder = "/var/lib/migrate-container";
/** Where runc has no time namespaces, one of ours calls it, and only that knows a moved container as it is. */
export const runc = `$(command -v ${ownFolder}/runc || echo runc)`;

/** Removes a container and what a move of it has left. */
export const removeScript = (id: string): string =>
  `${runc} delete --force ${id} 2>/dev/null; cd ${ownFolder} 2>/dev/null || exit 0; rm -rf resumed/${id} clocks/${id} bundles/${id} runc`;

/** A container of runc's on a machine. */
export class BundleContainer {
  readonly run: Run;
  readonly id: string;
  readonly rootfs: string;

  constructor(run: Run, id: string, rootfs: string) {
    this.run = run;
    this.id = id;
    this.rootfs = rootfs;
  }

  /** `running`, `paused`, `stopped`; empty when there is none. */
  async status(): Promise<string> {
    const text = await this.run(`${runc} state ${this.id} 2>/dev/null || true`);
    return text === "" ? "" : JSON.parse(text).status;
  }

  async pid(): Promise<number> {
    return JSON.parse(await this.run(`${runc} state ${this.id}`)).pid;
  }

  /** A line of `/proc/<pid>/status` of its first process. */
  async statusLine(name: string): Promise<string> {
    return await this.run(`grep '^${name}:' /proc/${await this.pid()}/status`);
  }

  /** What a file of its mounts holds. */
  async read(path: string): Promise<string> {
    return await this.run(`cat /proc/${await this.pid()}/root${path}`);
  }

  /** How far it has counted. @throws Error when a number is missing, or there twice */
  async count(): Promise<number> {
    const text = await this.run(`awk 'NR != $1 && !bad {bad = NR} END {print NR, bad + 0}' ${this.rootfs}/count`);
    const [lines = 0, bad = 0] = text.split(" ").map(Number);
    // The last line may be half written.
    if (bad !== 0 && bad !== lines) throw new Error(`line ${bad} of ${lines} is not the number ${bad}`);
    return lines;
  }

  async assertCounts(): Promise<void> {
    const before = await this.count();
    await eventually("it counts on", async () => (await this.count()) > before + 10);
  }
}

/** A bundle with a program that counts in memory and into /count, and state for moves of its own. */
export class BundleTest implements AsyncDisposable {
  readonly id: string;
  /** For the test's own files. */
  readonly folder: string;

  constructor(id: string, folder: string) {
    this.id = id;
    this.folder = folder;
  }

  get stateFolder(): string {
    return join(this.folder, "state");
  }

  /** The bundle's folder. */
  get bundle(): string {
    return join(this.folder, "bundle");
  }

  /** A folder that is mounted into the container at /data. */
  get data(): string {
    return join(this.folder, "data");
  }

  here(id = this.id): BundleContainer {
    return new BundleContainer(here, id, join(this.bundle, "rootfs"));
  }

  there(machine: LabMachine, id: string, bundle = this.bundle): BundleContainer {
    return new BundleContainer((command) => on(machine, command), id, join(bundle, "rootfs"));
  }

  /** Makes the bundle and starts it. @param change what is other in its configuration */
  async start(change: (configuration: ReturnType<typeof JSON.parse>) => void = () => {}): Promise<BundleContainer> {
    await this.clear();
    const rootfs = join(this.bundle, "rootfs");
    for (const folder of [...["proc", "sys", "dev", "bin", "data", "scratch"].map((name) => join(rootfs, name)), this.data])
      await mkdir(folder, { recursive: true });
    await copyFile(join(this.folder, "counter"), join(rootfs, "counter"));
    await copyFile("/bin/busybox", join(rootfs, "bin/busybox"));
    await execa("runc", ["spec"], { cwd: this.bundle });
    const file = join(this.bundle, "config.json");
    const configuration = JSON.parse(await readFile(file, "utf8"));
    configuration.process.terminal = false;
    configuration.process.args = ["/counter"];
    configuration.root.readonly = false;
    configuration.hostname = "counting";
    configuration.mounts.push(
      { destination: "/data", type: "bind", source: this.data, options: ["rbind", "rw"] },
      { destination: "/scratch", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev"] },
    );
    change(configuration);
    await writeFile(file, JSON.stringify(configuration));
    await here(`runc run --detach --bundle ${this.bundle} ${this.id} </dev/null >/dev/null 2>&1`);
    const container = this.here();
    await eventually("a count", async () => (await container.count().catch(() => 0)) > 10);
    return container;
  }

  /** Removes the container and the bundle from this machine. */
  async clear(): Promise<void> {
    await here(removeScript(this.id));
    for (const folder of [this.bundle, this.data]) await rm(folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear();
    delete process.env.XDG_STATE_HOME;
    await rm(this.folder, { recursive: true });
  }
}

/** Its state is that of this process. @param id the container's */
export async function openBundleTest(id: string): Promise<BundleTest> {
  const place = new BundleTest(id, await mkdtemp(join(tmpdir(), "bundle-test-")));
  await compileCounter(join(place.folder, "counter"));
  process.env.XDG_STATE_HOME = place.stateFolder;
  return place;
}
