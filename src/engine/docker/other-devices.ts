import type { ContainerRecord } from "./engine.ts";

/** The record of a container as if it had been given other devices of its machine. @param paths other ones by those that it has */
export function withOtherDevices(record: ContainerRecord, paths: Readonly<Record<string, string>>): ContainerRecord {
  const devices: readonly { readonly PathOnHost?: string }[] = record.HostConfig.Devices ?? [];
  const other = devices.map((device) => ({ ...device, PathOnHost: paths[device.PathOnHost ?? ""] ?? device.PathOnHost }));
  return devices.length === 0 ? record : { ...record, HostConfig: { ...record.HostConfig, Devices: other } };
}
