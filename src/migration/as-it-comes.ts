import type { Subject } from "../compatibility/subject.ts";
import { withoutNetworking, withoutVolumes } from "../engine/docker/left-out.ts";
import { withOtherBinds } from "../engine/docker/other-binds.ts";
import { MigrationError } from "../errors.ts";
import type { MigrateOptions } from "./migrate-options.ts";

export type ComingOptions = Pick<MigrateOptions, "preserveNetworking" | "preserveVolumes" | "binds" | "bindsThere">;

/**
 * The container as it shall be on the target.
 * @throws MigrationError `usage` for a path that no bind mount has
 */
export function asItComes(subject: Subject, options: ComingOptions): Subject {
  const { preserveNetworking = true, preserveVolumes = true } = options;
  const networked = preserveNetworking ? subject.container : withoutNetworking(subject.container);
  return preserveVolumes
    ? withBinds({ ...subject, container: networked }, options)
    : { ...subject, container: withoutVolumes(networked), mounts: subject.mounts && [] };
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
