import type Docker from "dockerode";
import { MigrationError } from "../../errors.ts";
import { withDeadline } from "../../host/deadline.ts";
import type { Host } from "../../host/host.ts";
import { type EngineName, engineTitles } from "../engine-name.ts";
import { clientAt } from "./client.ts";
import { type CreateLikeOptions, createLike } from "./create.ts";
import { containerNotFound, dockerError, statusOf } from "./docker-errors.ts";
import { type DumpOptions, dump } from "./dump.ts";
import { type ExecResult, exec } from "./exec.ts";
import { type EngineInfo, readInfo } from "./info.ts";
import { freeze, stopForGood, thaw } from "./life-cycle.ts";
import { localSocket, usualSocket } from "./local-socket.ts";
import { readLogs } from "./logs.ts";
import { findRuntimeState, type RuntimeState } from "./runtime-state.ts";

/** Docker's record of a container. */
export type ContainerRecord = Docker.ContainerInspectInfo;
/** Docker's record of an image. */
export type ImageRecord = Docker.ImageInspectInfo;

/** Docker's short record of a container, of those that it lists. */
export interface ListedContainer extends Pick<Docker.ContainerInfo, "Id" | "Names" | "State"> {
  readonly Ports?: Docker.ContainerInfo["Ports"];
  readonly Mounts?: readonly { readonly Source: string }[];
}

/** Milliseconds for a sign of life: an engine that is so busy would keep a frozen container waiting, too. */
export const pingMs = 20_000;

/** What a container has of its engine that can't be had on the target, or that would bring it back here after its move. */
export interface EngineObstacle {
  readonly seen: string;
  readonly remedy: string;
  /** Whether it only keeps the memory from being carried. Default: no. */
  readonly ofMemory?: true;
  /** Whether the container can be moved all the same, without it. Default: no. */
  readonly isLost?: true;
}

/** A Docker engine on a host, or one that speaks its API. Every failure is a MigrationError that names the host. */
export class DockerEngine {
  readonly name: EngineName = "docker";
  /** Whether containers are made of an image and a layer of their own. */
  readonly hasImages: boolean = true;
  readonly host: Host;
  /** The API's client, for what the methods here do not cover; wrap its calls in `request`. */
  readonly client: Docker;

  protected constructor(host: Host, client: Docker) {
    this.host = host;
    this.client = client;
  }

  /**
   * Connects to the host's Docker and asks it for a sign of life.
   * @throws MigrationError `engine-unavailable` also when it is Podman, `target-unreachable` also when it does not answer for long
   */
  static async open(host: Host): Promise<DockerEngine> {
    const socketPath = await host.unixSocket(host.name === "local" ? await localSocket() : usualSocket);
    const engine = new DockerEngine(host, clientAt(socketPath));
    const { Components: components } = await withDeadline({ host: host.name, what: "an answer of Docker", ms: pingMs }, () =>
      engine.request("tell its version", (client) => client.version()),
    );
    if (components?.some(({ Name: name }) => name === "Podman Engine")) throw isPodman(host.name);
    return engine;
  }

  /**
   * Makes a request of the API.
   * @param what what is tried, as a verb: `inspect container web`
   * @throws MigrationError `engine-unavailable`, `engine-request-failed`
   */
  async request<Answer>(what: string, ask: (client: Docker) => Promise<Answer>): Promise<Answer> {
    try {
      return await ask(this.client);
    } catch (error) {
      throw dockerError(this.host.name, what, error, this.title);
    }
  }

  /**
   * Makes a request about a container.
   * @param verb what is tried: `inspect`
   * @throws MigrationError `container-not-found`, and those of `request`
   */
  async requestOf<Answer>(
    verb: string,
    nameOrId: string,
    ask: (container: Docker.Container) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await ask(this.client.getContainer(nameOrId));
    } catch (error) {
      if (statusOf(error) === 404) throw containerNotFound(this.host.name, nameOrId, this.name, error);
      throw dockerError(this.host.name, `${verb} container ${nameOrId}`, error, this.title);
    }
  }

  /** In sentences. */
  get title(): string {
    return engineTitles[this.name];
  }

  /** What of a container keeps it from being moved to a Docker elsewhere, beyond what its record tells. */
  async obstacles(_container: ContainerRecord): Promise<readonly EngineObstacle[]> {
    return [];
  }

  info(): Promise<EngineInfo> {
    return readInfo(this);
  }

  inspect(nameOrId: string): Promise<ContainerRecord> {
    return this.requestOf("inspect", nameOrId, (container) => container.inspect());
  }

  /** As `inspect`. @returns undefined when there is no container of that name or id */
  async find(nameOrId: string): Promise<ContainerRecord | undefined> {
    try {
      return await this.inspect(nameOrId);
    } catch (error) {
      if (error instanceof MigrationError && error.code === "container-not-found") return undefined;
      throw error;
    }
  }

  /** @param label only those with it: `name=value` */
  async list({ all = false, label }: { readonly all?: boolean; readonly label?: string } = {}): Promise<ListedContainer[]> {
    const filters = label === undefined ? {} : { filters: { label: [label] } };
    return await this.request("list containers", (client) => client.listContainers({ all, ...filters }));
  }

  /** The subnets (`172.17.0.0/16`) of its networks, by their names. */
  async subnets(): Promise<ReadonlyMap<string, readonly string[]>> {
    const networks = await this.request("list networks", (client) => client.listNetworks());
    return new Map(
      networks.map(({ Name: name, IPAM: ipam }) => [name, (ipam?.Config ?? []).flatMap(({ Subnet: subnet }) => subnet ?? [])]),
    );
  }

  async volumeNames(): Promise<ReadonlySet<string>> {
    const volumes = await this.request("list volumes", (client) => client.listVolumes());
    return new Set((volumes.Volumes ?? []).map(({ Name: name }) => name));
  }

  inspectImage(nameOrId: string): Promise<ImageRecord> {
    return this.request(`inspect image ${nameOrId}`, (client) => client.getImage(nameOrId).inspect());
  }

  /** Whether an image of that name or id is there. */
  async hasImage(nameOrId: string): Promise<boolean> {
    try {
      await this.client.getImage(nameOrId).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw dockerError(this.host.name, `inspect image ${nameOrId}`, error);
    }
  }

  /**
   * Pauses the container; nothing happens when it is paused.
   * @throws MigrationError `container-not-running`, `container-not-found`
   */
  freeze(id: string): Promise<void> {
    return freeze(this, id);
  }

  /** Lets a paused container go on; nothing happens when it is not paused. */
  thaw(id: string): Promise<void> {
    return thaw(this, id);
  }

  /** Where the OCI runtime keeps a container that runs. @throws MigrationError `incompatible` for a runtime that CRIU can't dump */
  runtimeState({ Id: id, State: state, HostConfig: host }: ContainerRecord): Promise<RuntimeState> {
    return findRuntimeState(this, id, state.Pid, host.Runtime ?? "runc");
  }

  /** Has the engine stop a container that runs, at once. `freeze` asks for less. */
  pause(id: string): Promise<void> {
    return this.requestOf("freeze", id, (container) => container.pause());
  }

  /** Has the engine let it go on. */
  unpause(id: string): Promise<void> {
    return this.requestOf("thaw", id, (container) => container.unpause());
  }

  /** Ends a container that runs: it is asked to, and after a while forced to. */
  stop(id: string): Promise<void> {
    return this.requestOf("stop", id, (container) => container.stop());
  }

  /** Nothing happens when it runs. */
  start(id: string): Promise<void> {
    // 304 "already started" is a success to the client.
    return this.requestOf("start", id, (container) => container.start());
  }

  /**
   * @param force also when it runs
   * @param withVolumes the container's anonymous volumes go too: right for a copy that is given up, loss of data for a source
   */
  remove(id: string, force = false, withVolumes = false): Promise<void> {
    return this.requestOf("remove", id, (container) => container.remove({ force, v: withVolumes }));
  }

  /** Nothing happens when it is not there, or when a container uses it. */
  async removeVolume(name: string): Promise<void> {
    try {
      await this.client.getVolume(name).remove();
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw dockerError(this.host.name, `remove volume ${name}`, error);
    }
  }

  /** Makes a volume of the driver `local`. */
  async createVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.request(`create volume ${name}`, (client) => client.createVolume({ Name: name, Labels: { ...labels } }));
  }

  async hasVolume(name: string): Promise<boolean> {
    try {
      await this.client.getVolume(name).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw dockerError(this.host.name, `inspect volume ${name}`, error);
    }
  }

  rename(id: string, name: string): Promise<void> {
    return this.requestOf(`rename to ${name}`, id, (container) => container.rename({ name }));
  }

  async setRestartPolicy(id: string, policy: Docker.HostRestartPolicy): Promise<void> {
    await this.requestOf("set the restart policy of", id, (container) => container.update({ RestartPolicy: policy }));
  }

  /**
   * Ends a container, above all a paused one, so that none of its processes executes another instruction, and
   * keeps it from being started again by Docker. A container made with `--rm` is gone afterwards.
   */
  stopForGood(id: string): Promise<void> {
    return stopForGood(this, id);
  }

  /** The last lines that the container wrote, both streams as they came; nothing of the log driver `none`. @param tail lines */
  logs(id: string, tail = 100): Promise<string> {
    return readLogs(this, id, tail);
  }

  /** Runs a program in a running container. @throws MigrationError `command-not-found` */
  exec(id: string, command: readonly string[], signal?: AbortSignal): Promise<ExecResult> {
    return exec(this, id, command, signal);
  }

  /** See `dump`. */
  dump(id: string, options: DumpOptions): Promise<void> {
    return dump(this, id, options);
  }

  /** See `createLike`. @returns the new container's id */
  createLike(source: ContainerRecord, options: CreateLikeOptions): Promise<string> {
    return createLike(this, source, options);
  }
}

function isPodman(host: string): MigrationError {
  return new MigrationError("engine-unavailable", "what answers at Docker's socket is Podman", {
    host,
    remedy:
      "Write `podman:` before the name of a container that Podman has. A target needs Docker: unset DOCKER_HOST, or remove the package podman-docker there.",
  });
}
