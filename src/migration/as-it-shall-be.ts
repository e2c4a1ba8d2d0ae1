import type { Subject } from "../compatibility/subject.ts";
import { withoutNetworking, withoutVolumes } from "../engine/docker/left-out.ts";
import { withOtherNetworks, withPublished } from "../engine/docker/remapped.ts";
import type { MigrateOptions } from "./migrate-options.ts";

export type ShapeOptions = Pick<MigrateOptions, "preserveNetworking" | "preserveVolumes" | "networks" | "publish">;

/** The container as it shall come along. @throws MigrationError `usage` as `withOtherNetworks` */
export function asItShallBe(subject: Subject, options: ShapeOptions): Subject {
  const { preserveNetworking = true, preserveVolumes = true, networks = {}, publish = [] } = options;
  const networked = preserveNetworking
    ? subject
    : { ...subject, container: withoutNetworking(subject.container), networks: subject.networks && [] };
  const remapped = Object.keys(networks).length === 0 ? networked : { ...networked, ...withOtherNetworks(networked, networks) };
  const published = publish.length === 0 ? remapped : { ...remapped, container: withPublished(remapped.container, publish) };
  return preserveVolumes
    ? published
    : { ...published, container: withoutVolumes(published.container), mounts: subject.mounts && [] };
}
