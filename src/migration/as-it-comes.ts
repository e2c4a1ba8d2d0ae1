import type { Subject } from "../compatibility/subject.ts";
import { withoutVolumes } from "../engine/docker/left-out.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { type NetworkingOptions, withNetworking } from "./networking.ts";

export type ComingOptions = NetworkingOptions & Pick<MigrateOptions, "preserveVolumes">;

/**
 * The container as it shall be on the target.
 * @param subject as it was read: its networks must still have their names of the source
 * @throws MigrationError `usage` as `withNetworking`
 */
export function asItComes(subject: Subject, options: ComingOptions): Subject {
  const { preserveVolumes = true } = options;
  const networked = withNetworking(subject, options);
  return preserveVolumes
    ? networked
    : { ...networked, container: withoutVolumes(networked.container), mounts: subject.mounts && [] };
}
