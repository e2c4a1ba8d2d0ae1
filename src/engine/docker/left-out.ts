import type { ContainerRecord } from "./engine.ts";

/** The record of a container as if it had been made without a network of its own choice: no ports, addresses, networks, names to resolve. */
export function withoutNetworking(record: ContainerRecord): ContainerRecord {
  const { Dns: _dns, DnsOptions: _options, DnsSearch: _search, ExtraHosts: _hosts, Links: _links, ...host } = record.HostConfig;
  const { MacAddress: _mac, ...config }: ContainerRecord["Config"] & { MacAddress?: string } = record.Config;
  return {
    ...record,
    Config: { ...config, ExposedPorts: {} },
    HostConfig: { ...host, NetworkMode: "default", PortBindings: {}, PublishAllPorts: false },
    NetworkSettings: { ...record.NetworkSettings, Networks: {}, Ports: {} },
  };
}

/**
 * The record of a container as if it had been made without volumes and bind mounts. Its memory file systems stay.
 * @param isNeeded whether a mount, by its path in the container, is no choice of the user's. Default: none
 */
export function withoutVolumes(
  record: ContainerRecord,
  isNeeded: (destination: string) => boolean = () => false,
): ContainerRecord {
  const { Binds: _binds, Mounts: mounts, VolumesFrom: _others, ...host } = record.HostConfig;
  const isMemory = (type: string | undefined): boolean => type === "tmpfs";
  return {
    ...record,
    Mounts: record.Mounts.filter(({ Type: type, Destination: destination }) => isMemory(type) || isNeeded(destination)),
    Config: { ...record.Config, Volumes: {} },
    HostConfig: { ...host, ...(mounts === undefined ? {} : { Mounts: mounts.filter(({ Type: type }) => isMemory(type)) }) },
  };
}
