import type Docker from "dockerode";
import { dockerError, statusOf } from "./docker-errors.ts";
import type { ContainerRecord, DockerEngine } from "./engine.ts";

/** Docker's record of a network. */
export interface NetworkRecord extends Docker.NetworkInspectInfo {
  /** Only told since API 1.47. */
  readonly EnableIPv4?: boolean;
}
/** A range of addresses of a network, with its gateway. */
export type AddressPool = NonNullable<NonNullable<NetworkRecord["IPAM"]>["Config"]>[number];

const builtIn = new Set(["default", "bridge", "host", "none"]);

/** The networks that a user made, in which the container is, by their names. */
export function userNetworks({
  NetworkSettings: settings,
}: Pick<ContainerRecord, "NetworkSettings">): [name: string, endpoint: Docker.NetworkInfo][] {
  // Records of archives may lack it.
  const networks = (settings as ContainerRecord["NetworkSettings"] | undefined)?.Networks ?? {};
  return Object.entries(networks).filter(([name]) => !builtIn.has(name));
}

/** The network that the container was created in: its name, also where the user gave its id; or `default`, `host`, `container:<id>`. */
export function mainNetwork(container: ContainerRecord): string {
  const mode = container.HostConfig.NetworkMode ?? "default";
  const networks = userNetworks(container);
  if (networks.some(([name]) => name === mode)) return mode;
  const [name] = networks.find(([, { NetworkID: id }]) => id?.startsWith(mode)) ?? [mode];
  return name;
}

/** The IP addresses that the user chose for the container in a network. */
export function staticAddresses(container: ContainerRecord, network: string): string[] {
  const chosen: { IPv4Address?: string; IPv6Address?: string } | null | undefined =
    container.NetworkSettings.Networks?.[network]?.IPAMConfig;
  return [chosen?.IPv4Address, chosen?.IPv6Address].flatMap((address) => address || []);
}

/** Whether a network is one of this machine alone, which another machine can have as well. */
export function canBeMadeElsewhere({ Driver: driver, Scope: scope, IPAM: ipam }: NetworkRecord): boolean {
  return driver === "bridge" && scope === "local" && (ipam?.Driver ?? "default") === "default";
}

/** @returns undefined when there is none of that name. @throws MigrationError `engine-request-failed` */
export async function findNetwork(engine: DockerEngine, name: string): Promise<NetworkRecord | undefined> {
  try {
    return await engine.client.getNetwork(name).inspect();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw dockerError(engine.host.name, `inspect network ${name}`, error);
  }
}

const device = "com.docker.network.bridge.name";

/**
 * Makes a network as another machine has it, except for the name of its device, which is that machine's affair.
 * @param pools its addresses. Without any Docker chooses
 * @param labels on top of its own
 * @throws MigrationError `engine-request-failed`
 */
export async function createNetworkLike(
  engine: DockerEngine,
  network: NetworkRecord,
  pools: readonly AddressPool[],
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const { Name: name, Options: options = {}, IPAM: ipam, EnableIPv4: ipv4 } = network;
  const request: Docker.NetworkCreateOptions = {
    Name: name,
    CheckDuplicate: true,
    Driver: network.Driver,
    Internal: network.Internal,
    Attachable: network.Attachable,
    ...(ipv4 === undefined ? {} : { EnableIPv4: ipv4 }),
    EnableIPv6: network.EnableIPv6,
    Options: Object.fromEntries(Object.entries(options).filter(([key]) => key !== device)),
    Labels: { ...network.Labels, ...labels },
    IPAM: { Driver: "default", Config: [...pools], ...(ipam?.Options ? { Options: ipam.Options } : {}) },
  };
  await engine.request(`create network ${name}`, (client) => client.createNetwork(request));
}

/**
 * Removes a network that has the label, unless a container is in it, be it one that does not run. Nothing happens when it is not there.
 * @throws MigrationError `engine-request-failed`, `engine-unavailable`
 */
export async function removeUnusedNetwork(engine: DockerEngine, name: string, [key, value]: [string, string]): Promise<void> {
  const network = await findNetwork(engine, name);
  if (network?.Labels?.[key] !== value) return;
  const users = await engine.request("list containers", (client) =>
    client.listContainers({ all: true, filters: { network: [name] } }),
  );
  if (users.length > 0) return;
  await engine.request(`remove network ${name}`, (client) => client.getNetwork(network.Id).remove());
}
