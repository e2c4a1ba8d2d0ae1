import type { Subject } from "../compatibility/subject.ts";
import { withoutNetworking } from "../engine/docker/left-out.ts";
import { withOtherNetworks, withPublished } from "../engine/docker/remapped.ts";
import type { MigrateOptions } from "./migrate-options.ts";

export type NetworkingOptions = Pick<MigrateOptions, "preserveNetworking" | "networks" | "publish">;

/** The container with the networks and published ports that it shall have. @throws MigrationError `usage` as `withOtherNetworks` */
export function withNetworking(subject: Subject, options: NetworkingOptions): Subject {
  const { preserveNetworking = true, networks = {}, publish = [] } = options;
  const kept = preserveNetworking
    ? subject
    : { ...subject, container: withoutNetworking(subject.container), networks: subject.networks && [] };
  const remapped = Object.keys(networks).length === 0 ? kept : { ...kept, ...withOtherNetworks(kept, networks) };
  return publish.length === 0 ? remapped : { ...remapped, container: withPublished(remapped.container, publish) };
}
