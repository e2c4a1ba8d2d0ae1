import type Docker from "dockerode";
import { MigrationError } from "../../errors.ts";
import { dockerError, statusOf } from "./docker-errors.ts";
import type { ContainerRecord, DockerEngine } from "./engine.ts";

type Endpoint = Docker.EndpointSettings;

const builtIn = new Set(["default", "bridge", "host", "none"]);

/** The endpoint's settings that the user chose, without the addresses that Docker assigned. */
function chosen(endpoint: Docker.NetworkInfo, source: ContainerRecord): Endpoint {
  const { IPAMConfig: addresses, Aliases: aliases }: { IPAMConfig?: Endpoint["IPAMConfig"] | null; Aliases?: string[] | null } =
    endpoint;
  // Docker itself adds the short id as a name.
  const names = (aliases ?? []).filter((alias) => alias !== source.Id.slice(0, 12));
  return { ...(addresses ? { IPAMConfig: addresses } : {}), ...(names.length > 0 ? { Aliases: names } : {}) };
}

function madeByUser(source: ContainerRecord): [network: string, endpoint: Endpoint][] {
  return Object.entries(source.NetworkSettings.Networks ?? {})
    .filter(([name]) => !builtIn.has(name))
    .map(([name, endpoint]) => [name, chosen(endpoint, source)]);
}

/** The settings for the network that the container is created in. */
export function mainEndpoint(source: ContainerRecord): Pick<Docker.ContainerCreateOptions, "NetworkingConfig"> {
  const main = madeByUser(source).filter(([name]) => name === source.HostConfig.NetworkMode);
  return main.length === 0 ? {} : { NetworkingConfig: { EndpointsConfig: Object.fromEntries(main) } };
}

/** The networks to connect a container to after it is created: the API takes only one before version 1.44. */
export function extraNetworks(source: ContainerRecord): [network: string, endpoint: Endpoint][] {
  return madeByUser(source).filter(([name]) => name !== source.HostConfig.NetworkMode);
}

/**
 * Docker itself notices a missing network only when the container is started.
 * @throws MigrationError `engine-request-failed`
 */
export async function assertNetworks(engine: DockerEngine, source: ContainerRecord): Promise<void> {
  for (const [name] of madeByUser(source)) {
    try {
      await engine.client.getNetwork(name).inspect();
    } catch (error) {
      if (statusOf(error) !== 404) throw dockerError(engine.host.name, `inspect network ${name}`, error);
      throw new MigrationError("engine-request-failed", `the container's network \`${name}\` is not there`, {
        host: engine.host.name,
        remedy: `Make it with \`docker network create ${name}\`.`,
        cause: error,
      });
    }
  }
}
