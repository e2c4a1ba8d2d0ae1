import type { ContainerRecord } from "./engine.ts";

/** The record of a container as if its bind mounts were of other paths. @param paths other paths by those that it has */
export function withOtherBinds(record: ContainerRecord, paths: ReadonlyMap<string, string>): ContainerRecord {
  if (paths.size === 0) return record;
  const { Binds: binds, Mounts: mounts } = record.HostConfig;
  const other = (path: string): string => paths.get(path) ?? path;
  return {
    ...record,
    Mounts: record.Mounts.map((mount) => (mount.Type === "bind" ? { ...mount, Source: other(mount.Source) } : mount)),
    HostConfig: {
      ...record.HostConfig,
      ...(binds ? { Binds: binds.map((bind) => bind.replace(/^\/[^:]*/, other)) } : {}),
      ...(mounts
        ? { Mounts: mounts.map((mount) => (mount.Type === "bind" ? { ...mount, Source: other(mount.Source) } : mount)) }
        : {}),
    },
  };
}
