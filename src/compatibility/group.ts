import { plainName } from "../engine/docker/container-name.ts";
import { canBeMadeElsewhere } from "../engine/docker/networks.ts";
import { contains, planNetworks } from "./network-plan.ts";
import { processMemoryOf } from "./process-memory.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What a container has in common with those that are moved together with it. */
export interface GroupFacts {
  /** The addresses that it has in networks of users, and will have on the target. */
  readonly addresses: ReadonlySet<string>;
  /** Those of the others. */
  readonly fellowAddresses: ReadonlySet<string>;
  /** Bytes of process memory that the others' dumps will hold. */
  readonly fellowMemoryBytes: number;
}

/**
 * The containers of a group as they shall be on the target, where they find each other: they keep their addresses, those too that the engine gave
 * them. What they share is no obstacle among them, and is copied with the first that has it.
 * @param subjects as each shall be there alone; one alone stays as it is
 * @param target undefined: only the source is looked at
 */
export function asGroup(subjects: readonly Subject[], target: TargetFacts | undefined): Subject[] {
  if (subjects.length === 1) return [...subjects];
  const names = new Set(subjects.map(({ container }) => plainName(container.Name)));
  const kept = subjects.map((subject) => keptAddresses(subject, target));
  const copied = new Set<string>();
  return subjects.map((subject, index) => {
    const own = kept[index]!;
    const mounts = subject.mounts
      ?.filter(({ source }) => !copied.has(source))
      .map((mount) => ({ ...mount, sharedWith: mount.sharedWith.filter((name) => !names.has(name)) }));
    for (const { source } of mounts ?? []) copied.add(source);
    const fellowAddresses = new Set(kept.flatMap((other) => (other === own ? [] : [...other.values()].flat())));
    return {
      ...subject,
      container: withAddresses(subject.container, own),
      mounts,
      group: {
        addresses: new Set([...own.values()].flat()),
        fellowAddresses,
        fellowMemoryBytes: subjects.reduce((sum, other) => (other === subject ? sum : sum + processMemoryOf(other)), 0),
      },
    };
  });
}

/** The addresses that it can have on the target as well, by the networks' names. */
function keptAddresses(subject: Subject, target: TargetFacts | undefined): ReadonlyMap<string, readonly string[]> {
  const { container, networks = [] } = subject;
  const plans =
    target === undefined
      ? networks.filter(canBeMadeElsewhere).map((network) => ({ network, pools: network.IPAM?.Config ?? [] }))
      : planNetworks(subject, target);
  return new Map(
    plans.map(({ network: { Name: name }, pools }) => {
      const { IPAddress: ipv4, GlobalIPv6Address: ipv6 } = endpointsOf(container)[name] ?? {};
      const addresses = [ipv4, ipv6].flatMap((address) => address || []);
      return [name, addresses.filter((address) => pools.some(({ Subnet: subnet }) => subnet && contains(subnet, address)))];
    }),
  );
}

/** As if a user had chosen the addresses. */
function withAddresses(container: Subject["container"], addresses: ReadonlyMap<string, readonly string[]>): Subject["container"] {
  const networks = Object.entries(endpointsOf(container)).map(([name, endpoint]) => {
    const chosen = (addresses.get(name) ?? []).map((address) => [address.includes(":") ? "IPv6Address" : "IPv4Address", address]);
    return [name, chosen.length === 0 ? endpoint : { ...endpoint, IPAMConfig: Object.fromEntries(chosen) }];
  });
  return { ...container, NetworkSettings: { ...container.NetworkSettings, Networks: Object.fromEntries(networks) } };
}

function endpointsOf({
  NetworkSettings: settings,
}: Subject["container"]): Partial<Subject["container"]["NetworkSettings"]["Networks"]> {
  return (settings.Networks as typeof settings.Networks | undefined) ?? {};
}
