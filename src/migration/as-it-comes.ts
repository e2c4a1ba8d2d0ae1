import type { Subject } from "../compatibility/subject.ts";
import { withoutVolumes } from "../engine/docker/left-out.ts";
import { withOtherBinds } from "../engine/docker/other-binds.ts";
import { MigrationError } from "../errors.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { type NetworkingOptions, withNetworking } from "./networking.ts";

export type ComingOptions = NetworkingOptions & Pick<MigrateOptions, "preserveVolumes" | "binds" | "bindsThere">;

/**
 * The container as it shall be on the target.
 * @param subject as it was read: its networks must still have their names of the source
 * @throws MigrationError `usage` for a path that no bind mount has, and as `withNetworking`
 */
export function asItComes(subject: Subject, options: ComingOptions): Subject {
  const { preserveVolumes = true } = options;
  const networked = withNetworking(subject, options);
  return preserveVolumes
    ? withBinds(networked, options)
    : { ...networked, container: withoutVolumes(networked.container), mounts: subject.mounts && [] };
}

function withBinds(subject: Subject, { binds = {}, bindsThere = [] }: ComingOptions): Subject {
  const paths = new Map(Object.entries(binds));
  const known = new Set((subject.mounts ?? []).flatMap(({ type, source }) => (type === "bind" ? [source] : [])));
  const unknown = [...paths.keys(), ...bindsThere].find((path) => !known.has(path));
  if (unknown !== undefined) {
    throw new MigrationError("usage", `the container has no bind mount of ${unknown}`, {
      host: subject.host,
      remedy: known.size === 0 ? "It has none." : `It has those of ${[...known].join(", ")}.`,
    });
  }
  const mounts = subject.mounts?.map((mount) =>
    mount.type === "bind"
      ? { ...mount, there: paths.get(mount.source) ?? mount.source, isThere: bindsThere.includes(mount.source) }
      : mount,
  );
  return { ...subject, container: withOtherBinds(subject.container, paths), mounts };
}
