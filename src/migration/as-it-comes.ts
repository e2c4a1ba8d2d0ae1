import type { Subject } from "../compatibility/subject.ts";
import { withoutVolumes } from "../engine/docker/left-out.ts";
import { withOtherBinds } from "../engine/docker/other-binds.ts";
import { withOtherDevices } from "../engine/docker/other-devices.ts";
import { MigrationError } from "../errors.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { type NetworkingOptions, withNetworking } from "./networking.ts";

export type ComingOptions = NetworkingOptions &
  Pick<MigrateOptions, "preserveVolumes" | "copyShared" | "binds" | "bindsThere" | "devices">;

/**
 * The container as it shall be on the target.
 * @param subject as it was read: its networks must still have their names of the source
 * @throws MigrationError `usage` for a path that no bind mount or device has, and as `withNetworking`
 */
export function asItComes(subject: Subject, options: ComingOptions): Subject {
  const { preserveVolumes = true } = options;
  const equipped = withDevices(withNetworking(subject, options), options);
  return preserveVolumes
    ? withBinds(equipped, options)
    : { ...equipped, container: withoutVolumes(equipped.container), mounts: subject.mounts && [] };
}

function withDevices(subject: Subject, { devices: paths = {} }: ComingOptions): Subject {
  const known = new Set((subject.devices ?? []).map(({ source }) => source));
  assertKnown(subject, "device", Object.keys(paths), known);
  const devices = subject.devices?.map((device) => {
    const there = paths[device.source];
    return there === undefined ? device : { ...device, there, isChosen: true };
  });
  return { ...subject, container: withOtherDevices(subject.container, paths), devices };
}

function assertKnown(subject: Subject, what: string, paths: readonly string[], known: ReadonlySet<string>): void {
  const unknown = paths.find((path) => !known.has(path));
  if (unknown === undefined) return;
  throw new MigrationError("usage", `the container has no ${what} ${unknown}`, {
    host: subject.host,
    remedy: known.size === 0 ? "It has none." : `It has ${[...known].join(", ")}.`,
  });
}

function withBinds(subject: Subject, { binds = {}, bindsThere = [], copyShared = false }: ComingOptions): Subject {
  const paths = new Map(Object.entries(binds));
  const known = new Set((subject.mounts ?? []).flatMap(({ type, source }) => (type === "bind" ? [source] : [])));
  assertKnown(subject, "bind mount of", [...paths.keys(), ...bindsThere], known);
  const mounts = subject.mounts?.map((mount) => ({
    ...mount,
    copyShared,
    ...(mount.type === "bind"
      ? { there: paths.get(mount.source) ?? mount.source, isThere: bindsThere.includes(mount.source) }
      : {}),
  }));
  return { ...subject, container: withOtherBinds(subject.container, paths), mounts };
}
