import type Docker from "dockerode";
import { MigrationError } from "../../errors.ts";
import type { ContainerRecord } from "./engine.ts";
import { mainNetwork, type NetworkRecord } from "./networks.ts";

/** A port of the container, and where its machine shall offer it. */
export interface PortChoice {
  /** `6379/tcp`. */
  readonly port: string;
  readonly hostPort: number;
  /** Empty for all addresses. */
  readonly address: string;
}

/** A container's record, and those of its networks that users made; undefined where they are not known. */
export interface Networked {
  /** The machine, as the user named it. */
  readonly host: string;
  readonly container: ContainerRecord;
  readonly networks: readonly NetworkRecord[] | undefined;
}

const isDefault = (name: string) => name === "default" || name === "bridge";

/**
 * The container as if it had been made in other networks, with its names in them. An address belongs to its network: one in the new network is
 * chosen anew. A new network is as the old one; one that stands for Docker's default network is an ordinary one of the driver `bridge`.
 * @param names new names by the old ones; Docker's default network is `bridge`
 * @throws MigrationError `usage` when it is not in one of them, or would be in one network twice
 */
export function withOtherNetworks(networked: Networked, names: Readonly<Record<string, string>>): Networked {
  const { container, networks = [] } = networked;
  const main = mainNetwork(container);
  const endpoints: Readonly<Record<string, Docker.NetworkInfo>> = {
    ...(isDefault(main) ? { bridge: {} as Docker.NetworkInfo } : {}),
    ...container.NetworkSettings.Networks,
  };
  const renamed = Object.keys(endpoints).map((name) => names[name] ?? name);
  for (const name of Object.keys(names)) {
    if (Object.hasOwn(endpoints, name)) continue;
    throw new MigrationError("usage", `the container is not in the network \`${name}\``, {
      host: networked.host,
      remedy: `It is in: ${Object.keys(endpoints).join(", ") || "none"}.`,
    });
  }
  const twice = renamed.find((name, index) => renamed.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new MigrationError("usage", `the container would be in the network \`${twice}\` twice`, {
      host: networked.host,
      remedy: "Give each of its networks another one.",
    });
  }
  const moved = Object.entries(endpoints).map(([name, endpoint]) =>
    names[name] === undefined ? [name, endpoint] : [names[name], { ...endpoint, IPAMConfig: null }],
  );
  const own = isDefault(main) ? "bridge" : main;
  const known = new Map(networks.map((network) => [network.Name, network]));
  return {
    host: networked.host,
    container: {
      ...container,
      HostConfig: { ...container.HostConfig, NetworkMode: names[own] ?? main },
      NetworkSettings: { ...container.NetworkSettings, Networks: Object.fromEntries(moved) },
    },
    networks:
      networked.networks &&
      Object.keys(endpoints).flatMap((name) => {
        const network = known.get(name) ?? (isDefault(name) ? ordinary : undefined);
        const newName = names[name] ?? name;
        return network === undefined || isDefault(newName) ? [] : [{ ...network, Name: newName }];
      }),
  };
}

const ordinary = {
  ...{ Name: "", Id: "", Created: "", Scope: "local", Driver: "bridge", EnableIPv6: false },
  ...{ Internal: false, Attachable: false, Ingress: false, ConfigOnly: false },
} satisfies NetworkRecord;

/** The container as if ports of it had been published elsewhere. Those that are not named stay where they are. */
export function withPublished(container: ContainerRecord, choices: readonly PortChoice[]): ContainerRecord {
  const ports = Map.groupBy(choices, ({ port }) => port);
  const bindings = [...ports].map(([port, places]) => [
    port,
    places.map(({ address, hostPort }) => ({ HostIp: address, HostPort: String(hostPort) })),
  ]);
  const exposed = Object.fromEntries([...ports.keys()].map((port) => [port, {}]));
  return {
    ...container,
    Config: { ...container.Config, ExposedPorts: { ...container.Config.ExposedPorts, ...exposed } },
    HostConfig: {
      ...container.HostConfig,
      PortBindings: { ...container.HostConfig.PortBindings, ...Object.fromEntries(bindings) },
    },
  };
}
