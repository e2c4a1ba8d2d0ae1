import type Docker from "dockerode";
import type { ContainerRecord } from "./engine.ts";
import { mainNetwork } from "./networks.ts";

/** Fields of the record that the client's type does not know. */
interface MoreConfig {
  readonly MacAddress?: string;
  readonly Shell?: string[] | null;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
}

/** Whether the container lives in another container's network, which then decides all about it. */
export function joinsNetwork(source: ContainerRecord): boolean {
  return source.HostConfig.NetworkMode?.startsWith("container:") ?? false;
}

/** What the container is, as the API wants it for a new one. */
export function containerConfig(source: ContainerRecord): Docker.ContainerCreateOptions {
  const config: ContainerRecord["Config"] & MoreConfig = source.Config;
  const kept = {
    User: config.User,
    AttachStdin: config.AttachStdin,
    AttachStdout: config.AttachStdout,
    AttachStderr: config.AttachStderr,
    Tty: config.Tty,
    OpenStdin: config.OpenStdin,
    StdinOnce: config.StdinOnce,
    Env: config.Env,
    Cmd: config.Cmd,
    // Docker fills in the image's entry point where there is none; only an empty word says that there shall be none.
    Entrypoint: config.Entrypoint ?? [""],
    Volumes: config.Volumes,
    WorkingDir: config.WorkingDir,
    Labels: config.Labels,
    Healthcheck: config.Healthcheck,
    StopSignal: config.StopSignal,
    StopTimeout: config.StopTimeout,
    Shell: config.Shell,
    MacAddress: config.MacAddress,
  };
  // Docker refuses these where another container's network or the host's name is used (runconfig/hostconfig_unix.go).
  const named =
    joinsNetwork(source) || source.HostConfig.UTSMode === "host"
      ? {}
      : { Hostname: config.Hostname, Domainname: config.Domainname };
  const exposed = joinsNetwork(source) ? {} : { ExposedPorts: config.ExposedPorts };
  return withoutEmpty({ ...kept, ...named, ...exposed });
}

// What describes the source's machine and not the container: paths of the caller, pinning to CPUs and NUMA nodes that
// another machine need not have, block devices by their numbers, what only Windows knows, what Docker itself fills in.
const ofTheMachine = [
  ...["ContainerIDFile", "CgroupParent", "Cgroup", "ConsoleSize", "Isolation", "Runtime"],
  ...["CpusetCpus", "CpusetMems", "CpuRealtimePeriod", "CpuRealtimeRuntime"],
  ...["BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"],
  ...["CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth", "KernelMemory", "KernelMemoryTCP"],
  ...["MaskedPaths", "ReadonlyPaths", "VolumesFrom", "Links", "LogConfig"],
];
const ofTheNetwork = ["PortBindings", "PublishAllPorts", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts"];

// Other drivers need a service or an account that the other machine need not have.
const localLogDrivers = ["json-file", "local", "none"];

/** How the container is run, as the API wants it for a new one. */
export function hostConfig(source: ContainerRecord): Docker.HostConfig {
  const from = source.HostConfig;
  const left = new Set([...ofTheMachine, ...(joinsNetwork(source) ? ofTheNetwork : [])]);
  const kept: Docker.HostConfig = Object.fromEntries(Object.entries(from).filter(([key]) => !left.has(key)));
  const log = from.LogConfig !== undefined && localLogDrivers.includes(from.LogConfig.Type) ? { LogConfig: from.LogConfig } : {};
  // Empty lists are the user's own choice (`systempaths=unconfined`); full ones are the default of the source's Docker, and
  // the target's newer default may hide more.
  const unconfined = from.Privileged !== true && from.MaskedPaths?.length === 0 && from.ReadonlyPaths?.length === 0;
  const paths = unconfined ? { MaskedPaths: [], ReadonlyPaths: [] } : {};
  return withoutEmpty({ ...kept, NetworkMode: mainNetwork(source), ...log, ...paths, ...bindsOf(source) });
}

/** The binds, and those that came from other containers (`--volumes-from`) as binds of their own. */
function bindsOf(source: ContainerRecord): Docker.HostConfig {
  const { Binds: own, VolumesFrom: others } = source.HostConfig;
  if (!Array.isArray(others) || others.length === 0) return {};
  const mounted = source.Mounts.filter(({ Type: type }) => type === "bind" || type === "volume").map(
    ({ Name: name, Source: path, Destination: destination, RW: writable }) =>
      `${name ?? path}:${destination}:${writable ? "rw" : "ro"}`,
  );
  const destination = (bind: string) => bind.split(":")[1];
  const taken = new Set((own ?? []).map(destination));
  return { Binds: [...(own ?? []), ...mounted.filter((bind) => !taken.has(destination(bind)))] };
}

/** Without fields that are null or undefined: to the API they mean "as the image says", which a copy of a record never means. */
function withoutEmpty<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], null | undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], null | undefined>;
  };
}
