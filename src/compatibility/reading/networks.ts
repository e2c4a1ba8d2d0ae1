import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { findNetwork, type NetworkRecord, userNetworks } from "../../engine/docker/networks.ts";

/** Reads what the networks are that users made, in which a container is. @throws MigrationError `engine-request-failed` */
export async function readNetworks(engine: DockerEngine, container: ContainerRecord): Promise<NetworkRecord[]> {
  const found = await Promise.all(userNetworks(container).map(([name]) => findNetwork(engine, name)));
  return found.filter((network) => network !== undefined);
}
