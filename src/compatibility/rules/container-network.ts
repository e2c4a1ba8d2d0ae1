import type { ContainerRecord } from "../../engine/docker/engine.ts";
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
  why: "So far only Docker's default network, with published ports, is made anew on the target for processes that go on. A container that is started anew gets what it had: the target's own network, or the network of that name.",
  remedy:
    "Make the container in the default network (without `--network`, or `--network=bridge`) and publish its ports with `-p`.",
  see({ container }) {
    const mode = container.HostConfig.NetworkMode ?? "default";
    const others = Object.keys(container.NetworkSettings.Networks ?? {}).filter((name) => name !== "bridge");
    if (mode.startsWith("container:")) return [];
    const networks = mode === "default" || mode === "bridge" ? others : [mode];
    return networks.length === 0 ? [] : [`it is in the network ${listed(networks)}`];
  },
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
  remedy: "Give the target that address, or make the container with a port that is published at all addresses.",
  see({ addresses }, { subject }) {
    const missing = publishedPorts(subject.container).filter(({ address }) => !isEverywhere(address) && !addresses.has(address));
    return missing.map(({ address, port }) => `it has no address ${address}, at which ${port} is published`);
  },
});

const ports = targetRule({
  name: "target.port",
  severity: "blocker",
  strategies: every,
  why: "Two programs can't listen on one port.",
  remedy: "Stop what listens there (`ss -ltnup`, `docker ps`).",
  see({ usedPorts }, { subject }) {
    const meets = (one: string, other: string) =>
      one === other || [one, other].some((address) => ["", "0.0.0.0", "::"].includes(address));
    return publishedPorts(subject.container)
      .filter(
        ({ protocol, hostPort, address }) =>
          hostPort !== 0 &&
          usedPorts.some((used) => used.protocol === protocol && used.port === hostPort && meets(used.address, address)),
      )
      .map(({ protocol, hostPort }) => `its ${protocol} port ${hostPort} is in use`);
  },
});

export const networkRules: readonly Rule[] = [network, links, chosenPorts, portAddresses, ports];
