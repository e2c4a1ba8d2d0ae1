import { planNetworks } from "../../compatibility/network-plan.ts";
import { createNetworkLike, findNetwork } from "../../engine/docker/networks.ts";
import { type Arrival, willMake } from "../move.ts";
import { moveLabel } from "../objects/target-copy.ts";

/** Makes the networks of the container that the target lacks. */
export async function makeNetworks(move: Arrival): Promise<void> {
  const { id, subject, target, targetFacts } = move;
  for (const { network, isNew, pools } of planNetworks(subject, targetFacts)) {
    const { Name: name } = network;
    if (!isNew || (await findNetwork(target.engine, name)) !== undefined) continue;
    await willMake(move, { object: "network", name });
    await createNetworkLike(target.engine, network, pools, { [moveLabel]: id });
  }
}
