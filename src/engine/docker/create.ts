import type Docker from "dockerode";
import { MigrationError } from "../../errors.ts";
import { containerConfig, hostConfig } from "./create-config.ts";
import { assertNetworks, extraNetworks, mainEndpoint } from "./create-networks.ts";
import { statusOf } from "./docker-errors.ts";
import type { ContainerRecord, DockerEngine } from "./engine.ts";

export interface CreateLikeOptions {
  readonly name: string;
  /** Name or id of an image that the engine has. */
  readonly image: string;
  /** The OCI runtime's name in the engine's configuration. Default: the engine's own choice. */
  readonly runtime?: string | undefined;
  /** Default: `linux/amd64`. */
  readonly platform?: string | undefined;
  /** Labels on top of the source's. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Fields of the configuration to use instead of the source's (`Entrypoint`, `Cmd`, `Env`, …). */
  readonly config?: Docker.ContainerCreateOptions;
  /** Fields of the host configuration to use instead of the source's (`Binds`, `RestartPolicy`, …). */
  readonly hostConfig?: Docker.HostConfig;
}

/**
 * Creates a container that is configured as another one was, and does not start it. What belongs to the other machine
 * (CPU pinning, block devices, cgroup parent, logging services) is left out. Networks that the user made must exist by
 * their names, volumes are made by Docker.
 * @returns the new container's id
 * @throws MigrationError `target-conflict` when the name is taken, `engine-request-failed`
 */
export async function createLike(engine: DockerEngine, source: ContainerRecord, options: CreateLikeOptions): Promise<string> {
  await assertNetworks(engine, source);
  const config = { ...containerConfig(source), ...options.config };
  const host = { ...hostConfig(source), ...options.hostConfig };
  const request: Docker.ContainerCreateOptions = {
    ...config,
    name: options.name,
    platform: options.platform ?? "linux/amd64",
    Image: options.image,
    Labels: { ...config.Labels, ...options.labels },
    HostConfig: { ...host, ...(options.runtime === undefined ? {} : { Runtime: options.runtime }) },
    ...mainEndpoint(source),
  };
  const container = await engine
    .request(`create container ${options.name}`, (client) => client.createContainer(request))
    .catch((error: unknown) => {
      throw error instanceof MigrationError && statusOf(error.cause) === 409 ? nameTaken(engine, options.name, error) : error;
    });
  try {
    for (const [network, endpoint] of extraNetworks(source)) {
      await engine.request(`connect container ${options.name} to network ${network}`, (client) =>
        client.getNetwork(network).connect({ Container: container.id, EndpointConfig: endpoint }),
      );
    }
  } catch (error) {
    await engine.remove(container.id, true, true);
    throw error;
  }
  return container.id;
}

function nameTaken(engine: DockerEngine, name: string, cause: MigrationError): MigrationError {
  return new MigrationError("target-conflict", `the container name \`${name}\` is taken`, {
    host: engine.host.name,
    remedy: `Choose another name, or remove the old container with \`docker rm ${name}\`.`,
    cause,
  });
}
