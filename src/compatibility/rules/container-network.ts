import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { canBeMadeElsewhere, mainNetwork } from "../../engine/docker/networks.ts";
import { planNetworks } from "../network-plan.ts";
import { every, type Rule, sourceRule, targetRule } from "../rule.ts";
import { listed } from "./words.ts";

interface PublishedPort {
  /** `6379/tcp`. */
  readonly port: string;
  readonly protocol: string;
  /** Empty for all addresses. */
  readonly address: string;
  /** 0 when Docker chooses one. */
  readonly hostPort: number;
}

export function publishedPorts({ HostConfig: config }: ContainerRecord): PublishedPort[] {
  const bindings: Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>> = config.PortBindings ?? {};
  return Object.entries(bindings).flatMap(([port, places]) =>
    (places ?? []).map(({ HostIp: address = "", HostPort: hostPort = "" }) => ({
      port,
      protocol: port.split("/")[1] ?? "tcp",
      address,
      hostPort: Number.parseInt(hostPort, 10) || 0,
    })),
  );
}

/** Addresses that every machine has: all of its own, and loopback. */
export function isEverywhere(address: string): boolean {
  return ["", "0.0.0.0", "::", "::1"].includes(address) || address.startsWith("127.");
}

const network = sourceRule({
  name: "container.network",
  severity: "blocker",
  warns: ["replatform"],
  why: "For processes that go on there are the networks that every Docker has (`bridge`, `host`, `none`), and those of the driver `bridge` are made anew on the target; of an archive only the first, for it does not tell what the others are. A container that is started anew gets the network of that name.",
  remedy:
    "Let it come into another one, `--network OLD=bridge` of `migrate`, or leave networks out with `--no-preserve-networking`.",
  see({ container, networks: known = [] }) {
    const mode = mainNetwork(container);
    if (mode.startsWith("container:")) return [];
    const made = new Set([
      "default",
      "bridge",
      "host",
      "none",
      ...known.filter(canBeMadeElsewhere).map(({ Name: name }) => name),
    ]);
    const drivers = new Map(known.map(({ Name: name, Driver: driver }) => [name, ` (${driver})`]));
    const others = [mode, ...Object.keys(container.NetworkSettings.Networks ?? {})].filter((name) => !made.has(name));
    const words = others.map((name) => `${name}${drivers.get(name) ?? ""}`);
    return words.length === 0 ? [] : [`it is in the network ${listed(words)}`];
  },
});

const staticAddress = targetRule({
  name: "target.static-address",
  severity: "blocker",
  strategies: every,
  why: "An address that was chosen for the container can only be had in a network with that subnet, and two networks of a machine can't have overlapping ones.",
  remedy:
    "Remove there what has that subnet (`docker network ls`) or the network of that name; or let the container come into another network, at an address of that: `--network OLD=NEW` of `migrate`.",
  see: (target, { subject }) =>
    planNetworks(subject, target)
      .filter(({ lostAddresses }) => lostAddresses.length > 0)
      .map(({ network: { Name: name }, isNew, lostAddresses }) =>
        isNew
          ? `its own addresses overlap the network ${name}, in which the container has the address ${listed(lostAddresses)}`
          : `its network ${name} has no subnet with ${listed(lostAddresses)}, the address of the container`,
      ),
});

const otherSubnet = targetRule({
  name: "target.subnet",
  severity: "warning",
  strategies: every,
  why: "A subnet that overlaps another network there, or the machine's own addresses, can't be used: Docker there chooses another one for the network.",
  remedy: "If that matters, remove there what has that subnet (`docker network ls`).",
  see: (target, { subject }) =>
    planNetworks(subject, target)
      .filter(({ taken, lostAddresses }) => taken.length > 0 && lostAddresses.length === 0)
      .map(
        ({ network: { Name: name }, taken }) =>
          `its own addresses overlap ${listed(taken.map(({ Subnet: subnet = "" }) => subnet))} of the network ${name}`,
      ),
});

const links = sourceRule({
  name: "container.links",
  severity: "blocker",
  strategies: every,
  why: "The containers that it is linked with stay on the source.",
  remedy: "Make the container without `--link`.",
  see({ container }) {
    const names: readonly string[] = container.HostConfig.Links ?? [];
    return names.length === 0
      ? []
      : [`it is linked with ${listed(names.map((link) => link.split(":")[0]?.replace(/^\//, "") ?? link))}`];
  },
});

const chosenPorts = sourceRule({
  name: "container.chosen-ports",
  severity: "warning",
  strategies: every,
  why: "Docker on the target chooses such a port anew, so clients find the container at another one.",
  remedy: "Look the port up after the move with `docker port`, or make the container with a fixed one (`-p 8080:80`).",
  see({ container }) {
    const ports = publishedPorts(container).filter(({ hostPort }) => hostPort === 0);
    const all = container.HostConfig.PublishAllPorts === true ? ["all that the image exposes"] : [];
    const names = [...ports.map(({ port }) => port), ...all];
    return names.length === 0 ? [] : [`ports published wherever Docker likes: ${listed(names)}`];
  },
});

const portAddresses = targetRule({
  name: "target.address",
  severity: "blocker",
  strategies: every,
  why: "Docker publishes a port only at an address that its machine has.",
  remedy: "Give the target that address, or publish the port at all addresses: `--publish 8080:80` of `migrate`.",
  see({ addresses }, { subject }) {
    const missing = publishedPorts(subject.container).filter(({ address }) => !isEverywhere(address) && !addresses.has(address));
    return missing.map(({ address, port }) => `it has no address ${address}, at which ${port} is published`);
  },
});

/** Whether two programs can't both have a port at these addresses. */
export function meets(one: string, other: string): boolean {
  return one === other || [one, other].some((address) => ["", "0.0.0.0", "::"].includes(address));
}

const ports = targetRule({
  name: "target.port",
  severity: "blocker",
  strategies: every,
  why: "Two programs can't listen on one port.",
  remedy: "Stop what listens there (`ss -ltnup`, `docker ps`), or publish it at another one: `--publish 8081:80` of `migrate`.",
  see: ({ usedPorts }, { subject }) =>
    publishedPorts(subject.container)
      .filter(
        ({ protocol, hostPort, address }) =>
          hostPort !== 0 &&
          usedPorts.some((used) => used.protocol === protocol && used.port === hostPort && meets(used.address, address)),
      )
      .map(({ protocol, hostPort }) => `its ${protocol} port ${hostPort} is in use`),
});

export const networkRules: readonly Rule[] = [network, staticAddress, otherSubnet, links, chosenPorts, portAddresses, ports];
