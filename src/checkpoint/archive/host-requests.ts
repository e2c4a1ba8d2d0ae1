import type { ContainerRecord } from "../../engine/docker/engine.ts";
import { userNetworks } from "../../engine/docker/networks.ts";

/** Something of the machine that an archive's container asks for. */
export interface HostRequest {
  /** The field of Docker's HostConfig: `Binds`, `Devices`, `Privileged`. */
  readonly field: string;
  /** What it asks for: `/etc:/etc:ro`, `/dev/kmsg`. */
  readonly value: string;
}

type HostConfig = ContainerRecord["HostConfig"];

/** Limits and the container's own affairs: whatever an archive says of them, it gets no more of the machine. */
const harmless = new Set([
  ...["AutoRemove", "CapDrop", "ConsoleSize", "ContainerIDFile", "Init", "LogConfig", "ReadonlyRootfs", "RestartPolicy"],
  ...["ShmSize", "StorageOpt", "Tmpfs", "VolumeDriver", "Ulimits", "PidsLimit", "OomKillDisable", "OomScoreAdj", "Isolation"],
  ...["Memory", "MemoryReservation", "MemorySwap", "MemorySwappiness", "KernelMemory", "KernelMemoryTCP"],
  ...["NanoCpus", "CpuShares", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpuCount", "CpuPercent"],
  ...["BlkioWeight", "IOMaximumIOps", "IOMaximumBandwidth", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts"],
]);

/** Values that ask for nothing beyond what every container has. Full lists of hidden paths are Docker's default. */
const ordinary: Readonly<Record<string, (value: unknown) => boolean>> = {
  NetworkMode: (value) => ["default", "bridge", "none"].includes(String(value)),
  IpcMode: (value) => ["private", "shareable", "none"].includes(String(value)),
  CgroupnsMode: (value) => value === "private",
  Runtime: (value) => value === "runc",
  MaskedPaths: (value) => Array.isArray(value) && value.length > 0,
  ReadonlyPaths: (value) => Array.isArray(value) && value.length > 0,
};
const emptyCounts = new Set(["MaskedPaths", "ReadonlyPaths"]);

/** What the container's configuration asks of the machine. Nothing of it is granted because an archive says so. */
export function hostRequests(record: Pick<ContainerRecord, "HostConfig" | "Mounts" | "NetworkSettings">): HostRequest[] {
  const { HostConfig: config, Mounts: mounts } = record;
  const requests = Object.entries(config)
    .filter(([field, value]) => !isGranted(field, value))
    .flatMap(([field, value]) => valuesOf(value).map((each) => ({ field, value: each })));
  const volumes = mounts
    .filter(({ Type: type, Name: name }) => type === "volume" && name !== undefined && name !== "")
    .map(({ Name: name, Destination: destination }) => ({ field: "Volumes", value: `${name}:${destination}` }));
  const networks = userNetworks(record)
    .filter(([name]) => name !== config.NetworkMode)
    .map(([name]) => ({ field: "Networks", value: name }));
  return [...requests, ...volumes, ...networks];
}

/**
 * The record with what the local user allows, and nothing else of the machine (CVE-2024-8676: mounts of an archive were made from
 * the host's paths).
 */
export function withoutHostRequests(record: ContainerRecord, isAllowed: (request: HostRequest) => boolean): ContainerRecord {
  const config = Object.fromEntries(
    Object.entries(record.HostConfig).flatMap(([field, value]): [string, unknown][] => {
      if (isGranted(field, value)) return [[field, value]];
      if (Array.isArray(value) && value.length > 0) {
        const kept = value.filter((each) => valuesOf([each]).every((text) => isAllowed({ field, value: text })));
        return kept.length === 0 ? [] : [[field, kept]];
      }
      return valuesOf(value).every((text) => isAllowed({ field, value: text })) ? [[field, value]] : [];
    }),
  );
  const mounts = record.Mounts.filter(({ Type: type, Name: name, Source: source, Destination: destination }) => {
    if (type === "tmpfs") return true;
    if (type === "volume") return isAllowed({ field: "Volumes", value: `${name}:${destination}` });
    return valuesOf(record.HostConfig.Binds ?? []).some(
      (bind) => bind.startsWith(`${source}:${destination}`) && isAllowed({ field: "Binds", value: bind }),
    );
  });
  const networks = userNetworks(record).filter(([name]) =>
    isAllowed({ field: name === record.HostConfig.NetworkMode ? "NetworkMode" : "Networks", value: name }),
  );
  return {
    ...record,
    HostConfig: config as unknown as HostConfig,
    Mounts: mounts,
    NetworkSettings: { ...record.NetworkSettings, Networks: Object.fromEntries(networks) },
  };
}

function isGranted(field: string, value: unknown): boolean {
  if (harmless.has(field)) return true;
  const isOrdinary = ordinary[field];
  if (isOrdinary?.(value) === true) return true;
  return !emptyCounts.has(field) && isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function valuesOf(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) return value.map(textOf);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).map(([key, each]) => `${key}=${textOf(each)}`);
  }
  return [textOf(value)];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
