import { setTimeout } from "node:timers/promises";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { clientAt } from "../docker/client.ts";
import type { CreateLikeOptions } from "../docker/create.ts";
import { containerNotFound } from "../docker/docker-errors.ts";
import {
  type ContainerRecord,
  DockerEngine,
  type EngineObstacle,
  type ImageRecord,
  type ListedContainer,
} from "../docker/engine.ts";
import type { ExecResult } from "../docker/exec.ts";
import type { EngineInfo } from "../docker/info.ts";
import { killFrozen, waitUntilStopped } from "../docker/life-cycle.ts";
import type { RuntimeState } from "../docker/runtime-state.ts";
import type { BundleRuntime } from "../engine-name.ts";
import { lacksCriu } from "../lacks-criu.ts";
import { bundleRuntimePath, targetPaths } from "../resume-runtime/wrapper.ts";
import { createBundle, folderOf } from "./create.ts";
import { callOff, startFirst } from "./first-start.ts";
import { readBundleInfo } from "./info.ts";
import { bundleObstacles, readSurroundings } from "./obstacles.ts";
import { failure, isUnknown, type RuntimeProgram, readContainer, readContainers, runtimeCommand } from "./read-containers.ts";
import { asBundle } from "./record.ts";

const findScript = `PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; command -v "$1"`;

/** Milliseconds that a container gets to end by itself. */
const stopMs = 10_000;

/**
 * An OCI runtime on a host, runc or crun, and the containers that were started with it from bundles. They are told as Docker's; what only an
 * engine has (images, volumes, networks, logs) none of them has.
 */
export class BundleEngine extends DockerEngine {
  override readonly name: BundleRuntime;
  override readonly hasImages = false;
  readonly #program: RuntimeProgram;

  private constructor(program: RuntimeProgram) {
    // No request is made of it: see below.
    super(program.host, clientAt("/dev/null"));
    this.name = program.name;
    this.#program = program;
  }

  /** @throws MigrationError `engine-unavailable` when the runtime is not installed, `target-unreachable` */
  static async of(host: Host, name: BundleRuntime): Promise<BundleEngine> {
    const path = (await host.run(["sh", "-c", findScript, "sh", name])).stdout.trim();
    if (path.startsWith("/")) return new BundleEngine({ host, name, path });
    throw new MigrationError("engine-unavailable", `${name} is not installed`, {
      host: host.name,
      remedy: `Install it: \`apt-get install ${name}\`.`,
    });
  }

  /** There is no API. @throws MigrationError `engine-request-failed` always */
  override async request<Answer>(what: string): Promise<Answer> {
    throw failure(this.#program, what, "it is no engine");
  }

  override requestOf<Answer>(verb: string, nameOrId: string): Promise<Answer> {
    return this.request(`${verb} container ${nameOrId}`);
  }

  override info(): Promise<EngineInfo> {
    return readBundleInfo(this.#program);
  }

  override async obstacles(container: ContainerRecord): Promise<readonly EngineObstacle[]> {
    const surroundings = await readSurroundings(this.host, container.State.Pid);
    const noCriu = await lacksCriu(this.host, this.#program.path);
    return bundleObstacles(asBundle(container), this.name, surroundings, noCriu);
  }

  override async inspect(nameOrId: string): Promise<ContainerRecord> {
    const record = await readContainer(this.#program, nameOrId);
    if (record === undefined) throw containerNotFound(this.host.name, nameOrId, this.name);
    return record;
  }

  override async list({
    all = false,
    label,
  }: {
    readonly all?: boolean;
    readonly label?: string;
  } = {}): Promise<ListedContainer[]> {
    const records = await readContainers(this.#program);
    return records
      .filter(({ State: state }) => all || state.Running)
      .filter(
        ({ Config: { Labels: labels } }) =>
          label === undefined || Object.entries(labels).some((pair) => pair.join("=") === label),
      )
      .map(({ Id, Name, State, Mounts }) => ({
        Id,
        Names: [Name],
        State: State.Status,
        Mounts,
      }));
  }

  override async subnets(): Promise<ReadonlyMap<string, readonly string[]>> {
    return new Map();
  }

  override async volumeNames(): Promise<ReadonlySet<string>> {
    return new Set();
  }

  /** What stands for an image: its programs are taken for those of the machine. */
  override async inspectImage(): Promise<ImageRecord> {
    const { architecture } = await this.info();
    const names: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };
    return { Id: "", Size: 0, Os: "linux", Architecture: names[architecture] ?? architecture } as ImageRecord;
  }

  override async hasImage(): Promise<boolean> {
    return false;
  }

  override async runtimeState(): Promise<RuntimeState> {
    const own = bundleRuntimePath(this.name);
    const isThere = (await this.host.run(["test", "-x", own])).exitCode === 0;
    return { program: isThere ? own : this.#program.path, root: `/run/${this.name}` };
  }

  override pause(id: string): Promise<void> {
    return this.#call("freeze", id, ["pause"]);
  }

  override unpause(id: string): Promise<void> {
    return this.#call("thaw", id, ["resume"]);
  }

  override async start(id: string): Promise<void> {
    if (!(await this.inspect(id)).State.Running) await startFirst(this.#program, id);
  }

  override async stop(id: string): Promise<void> {
    await this.#call("end", id, ["kill"], ["TERM"]);
    const deadline = performance.now() + stopMs;
    while (performance.now() < deadline) {
      if ((await this.find(id))?.State.Running !== true) return;
      await setTimeout(100);
    }
    await this.#call("end", id, ["kill"], ["KILL"]);
    await waitUntilStopped(this, id);
  }

  override async stopForGood(id: string): Promise<void> {
    const state = (await this.find(id))?.State;
    if (state?.Running !== true) return;
    if (state.Paused) await killFrozen(this, id, state.Pid);
    // With version 2 of cgroups the killed processes end frozen, and there is nobody left to be let go on.
    const last = state.Paused ? this.thaw(id) : this.#call("end", id, ["kill"], ["KILL"]);
    const refused = await last.catch((error: unknown) => error);
    await waitUntilStopped(this, id).catch((late: unknown) => {
      throw refused ?? late;
    });
  }

  /** @param withVolumes also what `createLike` has made of it */
  override async remove(id: string, force = false, withVolumes = false): Promise<void> {
    const made = withVolumes ? await this.find(id) : undefined;
    if (withVolumes) await callOff(this.#program, id);
    await this.#call("remove", id, ["delete", ...(force ? ["--force"] : [])], [], isUnknown);
    const { resumed, clocks } = targetPaths;
    await this.host.must(["rm", "-rf", `${resumed}/${id}`, `${clocks}/${id}`]);
    // Not before: by its annotation the container is known to be the move's.
    if (made !== undefined) await this.host.must(["rm", "-f", `${folderOf(made)}/config.json`]);
  }

  /** Nothing is to be changed: the runtime starts nothing by itself. */
  override async setRestartPolicy(): Promise<void> {}

  /** Nobody keeps any. */
  override async logs(): Promise<string> {
    return "";
  }

  override async exec(id: string, command: readonly string[], signal?: AbortSignal): Promise<ExecResult> {
    const { exitCode, stdout, stderr } = await this.host.run(runtimeCommand(this.#program, ["exec", id, ...command]), { signal });
    if (exitCode !== 0 && /executable file( `[^`]*`)? not found|exec: .*no such file or directory/i.test(stderr)) {
      throw new MigrationError("command-not-found", `container \`${id}\` has no program \`${command[0] ?? ""}\``, {
        host: this.host.name,
        details: { stderr: stderr.trim() },
      });
    }
    return { exitCode, stdout, stderr };
  }

  override createLike(source: ContainerRecord, options: CreateLikeOptions): Promise<string> {
    return createBundle(this.#program, source, options);
  }

  /** @param tolerates which words of the runtime's are no failure */
  async #call(
    what: string,
    id: string,
    command: readonly string[],
    more: readonly string[] = [],
    tolerates: (words: string) => boolean = () => false,
  ): Promise<void> {
    const { exitCode, stderr } = await this.host.run(runtimeCommand(this.#program, [...command, id, ...more]));
    if (exitCode !== 0 && !tolerates(stderr)) throw failure(this.#program, `${what} ${id}`, stderr);
  }
}
