import type Docker from "dockerode";
import { MigrationError } from "../../errors.ts";
import type { ContainerRecord, DockerEngine } from "./engine.ts";
import { findNetwork, mainNetwork, userNetworks } from "./networks.ts";

type Endpoint = Docker.EndpointSettings;

/** The endpoint's settings that the user chose, without the addresses that Docker assigned. */
function chosen(endpoint: Docker.NetworkInfo, source: ContainerRecord): Endpoint {
  const { IPAMConfig: addresses, Aliases: aliases }: { IPAMConfig?: Endpoint["IPAMConfig"] | null; Aliases?: string[] | null } =
    endpoint;
  // Docker itself adds the short id as a name.
  const names = (aliases ?? []).filter((alias) => alias !== source.Id.slice(0, 12));
  return { ...(addresses ? { IPAMConfig: addresses } : {}), ...(names.length > 0 ? { Aliases: names } : {}) };
}

function madeByUser(source: ContainerRecord): [network: string, endpoint: Endpoint][] {
  return userNetworks(source).map(([name, endpoint]) => [name, chosen(endpoint, source)]);
}

/** The settings for the network that the container is created in. */
export function mainEndpoint(source: ContainerRecord): Pick<Docker.ContainerCreateOptions, "NetworkingConfig"> {
  const main = madeByUser(source).filter(([name]) => name === mainNetwork(source));
  if (main.length === 0) return {};
  // The API takes the container's own only before version 1.52, that of the endpoint only since 1.44.
  const { MacAddress: mac }: ContainerRecord["Config"] & { readonly MacAddress?: string } = source.Config;
  const withMac = main.map(([name, endpoint]) => [name, { ...endpoint, ...(mac ? { MacAddress: mac } : {}) }]);
  return { NetworkingConfig: { EndpointsConfig: Object.fromEntries(withMac) } };
}

/** The networks to connect a container to after it is created: the API takes only one before version 1.44. */
export function extraNetworks(source: ContainerRecord): [network: string, endpoint: Endpoint][] {
  const main = mainNetwork(source);
  const besides = main !== "default" && main !== "bridge" && source.NetworkSettings.Networks?.bridge !== undefined;
  // Docker's default network knows no names and no chosen addresses.
  return [...madeByUser(source).filter(([name]) => name !== main), ...(besides ? [["bridge", {}] as [string, Endpoint]] : [])];
}

/**
 * Docker itself notices a missing network only when the container is started.
 * @throws MigrationError `engine-request-failed`
 */
export async function assertNetworks(engine: DockerEngine, source: ContainerRecord): Promise<void> {
  for (const [name] of userNetworks(source)) {
    if ((await findNetwork(engine, name)) !== undefined) continue;
    throw new MigrationError("engine-request-failed", `the container's network \`${name}\` is not there`, {
      host: engine.host.name,
      remedy: `Make it with \`docker network create ${name}\`.`,
    });
  }
}
