import { BlockList, isIPv6 } from "node:net";
import { type AddressPool, canBeMadeElsewhere, type NetworkRecord, staticAddresses } from "../engine/docker/networks.ts";
import type { Subject } from "./subject.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What becomes of a container's network on the target. */
export interface NetworkPlan {
  readonly network: NetworkRecord;
  /** Whether it is to be made there. Otherwise the one of that name is used. */
  readonly isNew: boolean;
  /** Its addresses there: of a new one those of the source that are free. */
  readonly pools: readonly AddressPool[];
  /** Those of the source that belong to something else there. Only of a new one. */
  readonly taken: readonly AddressPool[];
  /** Addresses that the user chose for the container, which are not in `pools`. */
  readonly lostAddresses: readonly string[];
}

/** Networks that can't be made there are not among them. */
export function planNetworks(
  { container, networks = [] }: Pick<Subject, "container" | "networks">,
  target: Pick<TargetFacts, "networks" | "addresses">,
): NetworkPlan[] {
  return networks.flatMap((network): NetworkPlan[] => {
    const there = target.networks.get(network.Name);
    if (there === undefined && !canBeMadeElsewhere(network)) return [];
    const wanted = network.IPAM?.Config ?? [];
    const isTaken = (pool: AddressPool) => isTakenThere(pool, target);
    const pools: readonly AddressPool[] =
      there === undefined ? wanted.filter((pool) => !isTaken(pool)) : there.map((subnet) => ({ Subnet: subnet }));
    const taken = there === undefined ? wanted.filter(isTaken) : [];
    const lostAddresses = staticAddresses(container, network.Name).filter(
      (address) => !pools.some(({ Subnet: subnet }) => subnet !== undefined && contains(subnet, address)),
    );
    return [{ network, isNew: there === undefined, pools, taken, lostAddresses }];
  });
}

/** A network over the machine's own addresses would cut it off from its neighbours, though Docker makes it. */
function isTakenThere({ Subnet: subnet }: AddressPool, { networks, addresses }: Pick<TargetFacts, "networks" | "addresses">) {
  if (subnet === undefined) return false;
  return (
    [...networks.values()].flat().some((other) => contains(subnet, first(other)) || contains(other, first(subnet))) ||
    [...addresses].some((address) => contains(subnet, address))
  );
}

const first = (subnet: string) => subnet.split("/")[0]!;

/** @param subnet `172.20.0.0/16` */
export function contains(subnet: string, address: string): boolean {
  const family = (text: string) => (isIPv6(text) ? "ipv6" : "ipv4");
  const [start = "", length = ""] = subnet.split("/");
  if (family(start) !== family(address)) return false;
  const list = new BlockList();
  list.addSubnet(start, Number(length), family(start));
  return list.check(address, family(address));
}
