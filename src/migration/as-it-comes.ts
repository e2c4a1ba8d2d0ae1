import type { MountFacts } from "../compatibility/reading/mounts.ts";
import type { Subject } from "../compatibility/subject.ts";
import { bundleFolder, isOfBundle } from "../engine/bundle/record.ts";
import { withoutVolumes } from "../engine/docker/left-out.ts";
import { withOtherBinds } from "../engine/docker/other-binds.ts";
import { withOtherDevices } from "../engine/docker/other-devices.ts";
import { isBundleRuntime } from "../engine/engine-name.ts";
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
  if (isBundleRuntime(subject.engine.engine)) refuseForBundle(subject, options);
  const equipped = withDevices(withNetworking(subject, options), options);
  if (preserveVolumes) return withBinds(equipped, options);
  const mounts = subject.mounts?.filter(({ destination }) => isOfBundle(destination));
  const without = { ...equipped, container: withoutVolumes(equipped.container, isOfBundle), mounts };
  return mounts === undefined || mounts.length === 0 ? without : withBinds(without, options);
}

/** What an engine does for its containers, and a runtime does not. */
function refuseForBundle({ host, engine }: Subject, { publish = [], networks = {}, devices = {} }: ComingOptions): void {
  const given = [
    ...(publish.length > 0 ? ["--publish"] : []),
    ...(Object.keys(networks).length > 0 ? ["--network"] : []),
    ...(Object.keys(devices).length > 0 ? ["--device"] : []),
  ];
  if (given.length === 0) return;
  throw new MigrationError("usage", `${given.join(", ")}: ${engine.engine} has no networks, ports and devices to choose from`, {
    host,
    remedy: "Leave it out; what the container needs of them is to be given to it on the target by hand.",
  });
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
  const paths = withBelowBundle(new Map(Object.entries(binds)), subject.mounts ?? []);
  const known = new Set((subject.mounts ?? []).flatMap(({ type, source }) => (type === "bind" ? [source] : [])));
  assertKnown(subject, "bind mount of", [...Object.keys(binds), ...bindsThere], known);
  const mounts = subject.mounts?.map((mount) => ({
    ...mount,
    copyShared,
    ...(mount.type === "bind"
      ? { there: paths.get(mount.source) ?? mount.source, isThere: bindsThere.includes(mount.source) }
      : {}),
  }));
  return { ...subject, container: withOtherBinds(subject.container, paths), mounts };
}

/** What lies in a bundle's folder goes with it, unless it is named itself. */
function withBelowBundle(paths: Map<string, string>, mounts: readonly MountFacts[]): ReadonlyMap<string, string> {
  const bundle = mounts.find(({ destination }) => destination === bundleFolder)?.source ?? "";
  const there = paths.get(bundle);
  if (there === undefined) return paths;
  const below = mounts.filter(({ source }) => source.startsWith(`${bundle}/`) && !paths.has(source));
  return new Map([...paths, ...below.map(({ source }) => [source, `${there}${source.slice(bundle.length)}`] as const)]);
}
