import type Docker from "dockerode";
import { MigrationError } from "../../errors.ts";
import { withDeadline } from "../../host/deadline.ts";
import type { Host } from "../../host/host.ts";
import { clientAt } from "../docker/client.ts";
import { type CreateLikeOptions, createLike } from "../docker/create.ts";
import { type ContainerRecord, DockerEngine, type EngineObstacle, pingMs } from "../docker/engine.ts";
import type { EngineInfo } from "../docker/info.ts";
import { killFrozen, waitUntilStopped } from "../docker/life-cycle.ts";
import { lacksCriu } from "../lacks-criu.ts";
import { runtimeKinds, runtimeNames, runtimePaths } from "../resume-runtime/wrapper.ts";
import { type PodmanDetails, readDetails } from "./details.ts";
import { prepareFirstStart } from "./first-start.ts";
import { podmanObstacles } from "./obstacles.ts";
import { asDockers, asPodmans } from "./record.ts";
import { PodmanService } from "./service.ts";

/** The oldest whose API is known here. */
export const oldestMajor = 4;

/**
 * Podman on a host: it speaks Docker's API through its own service. Its records are told as Docker's, so that either engine can make such
 * containers.
 */
export class PodmanEngine extends DockerEngine {
  override readonly name = "podman";
  readonly #service: PodmanService;
  readonly #details = new Map<string, PodmanDetails>();

  private constructor(host: Host, client: Docker, service: PodmanService) {
    super(host, client);
    this.#service = service;
  }

  /**
   * Starts the host's Podman service, which ends with the stack.
   * @throws MigrationError `engine-unavailable`, `incompatible` when it is too old, `target-unreachable`
   */
  static async serve(host: Host, stack: AsyncDisposableStack): Promise<PodmanEngine> {
    const service = stack.use(new PodmanService(host));
    return await withDeadline({ host: host.name, what: "an answer of Podman", ms: pingMs }, async () => {
      await service.ensure();
      const engine = new PodmanEngine(host, clientAt(await host.unixSocket(service.socketPath)), service);
      const { Version: version } = await engine.request("tell its version", (client) => client.version());
      if (Number.parseInt(version, 10) >= oldestMajor) return engine;
      throw new MigrationError("incompatible", `its Podman is ${version}`, {
        host: host.name,
        remedy: `Podman ${oldestMajor} or later is needed.`,
      });
    });
  }

  override async request<Answer>(what: string, ask: (client: Docker) => Promise<Answer>): Promise<Answer> {
    await this.#service.ensure();
    return await super.request(what, ask);
  }

  override async requestOf<Answer>(
    verb: string,
    nameOrId: string,
    ask: (container: Docker.Container) => Promise<Answer>,
  ): Promise<Answer> {
    await this.#service.ensure();
    return await super.requestOf(verb, nameOrId, ask);
  }

  /** Asks Podman's own API. Wrap it in `request` or `requestOf`. @param path `/containers/json` */
  libpod(path: string, method: "GET" | "POST" = "GET"): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const statusCodes = { 200: true, 204: true, 404: "no such thing" };
      const options = { path: `/v4.0.0/libpod${path}`, method, statusCodes };
      this.client.modem.dial(options as never, (error, data) => (error ? reject(error) : resolve(data)));
    });
  }

  /** Both engines use overlayfs's directories alike; the names differ. */
  override async info(): Promise<EngineInfo> {
    const info = await super.info();
    return { ...info, storageDriver: info.storageDriver === "overlay" ? "overlay2" : info.storageDriver };
  }

  /**
   * Podman takes a runtime by its path, which it then calls for the container for ever. Its API takes none: the service has one for all
   * that it makes.
   */
  override async createLike(source: ContainerRecord, { runtime: name, ...options }: CreateLikeOptions): Promise<string> {
    const kind = runtimeKinds.find((each) => runtimeNames[each] === name);
    if (kind === undefined) return await createLike(this, asPodmans(source), options);
    await using service = new PodmanService(this.host, runtimePaths[kind]);
    await service.ensure();
    const maker = new PodmanEngine(this.host, clientAt(await this.host.unixSocket(service.socketPath)), service);
    return await createLike(maker, asPodmans(source), options);
  }

  override async inspect(nameOrId: string): Promise<ContainerRecord> {
    const record = await super.inspect(nameOrId);
    return asDockers(record, await this.#detailsOf(record));
  }

  override async obstacles(container: ContainerRecord): Promise<readonly EngineObstacle[]> {
    const [details, info] = await Promise.all([this.#detailsOf(container), this.info()]);
    const program = info.runtimes.get(details.runtime) || details.runtime;
    return podmanObstacles(container, details, { ...info, lacksCriu: await lacksCriu(this.host, program) });
  }

  override async start(id: string): Promise<void> {
    const container = await this.inspect(id);
    if (container.State.Status === "created") await prepareFirstStart(this, container);
    await super.start(id);
  }

  /** Podman kills no paused container. Nothing starts it again: what would is an obstacle. */
  override async stopForGood(id: string): Promise<void> {
    const { State: state } = await this.inspect(id);
    if (state.Paused) {
      await killFrozen(this, id, state.Pid);
      await this.#end(id, () => this.thaw(id));
    } else if (state.Running) {
      await this.#end(id, () => this.requestOf("kill", id, (container) => container.kill({ signal: "SIGKILL" })));
    }
  }

  /** What Podman refuses of a container that has ended meanwhile is no failure: with version 2 of cgroups, the killed processes end frozen. */
  async #end(id: string, lastCall: () => Promise<void>): Promise<void> {
    const refused = await lastCall().catch((error: unknown) => error);
    await waitUntilStopped(this, id).catch((late: unknown) => {
      throw refused ?? late;
    });
  }

  /** Nothing is to be changed: containers with another than `no` are not moved. */
  override async setRestartPolicy(): Promise<void> {}

  async #detailsOf(record: ContainerRecord): Promise<PodmanDetails> {
    const details = this.#details.get(record.Id) ?? (await readDetails(this, record));
    this.#details.set(record.Id, details);
    return details;
  }
}
