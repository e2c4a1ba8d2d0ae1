import { MigrationError } from "../../errors.ts";
import type { ContainerRecord } from "../docker/engine.ts";
import type { BundleRuntime } from "../engine-name.ts";
import { type BundleConfiguration, isBind } from "./configuration.ts";

/** What a runtime tells of a container (`runc state`, OCI runtime-spec, runtime.md). */
export interface RuntimeContainer {
  readonly id: string;
  /** `created`, `running`, `paused`, `stopped`. */
  readonly status: string;
  /** 0 when it does not run. */
  readonly pid: number;
  /** Absolute path of the bundle's folder. */
  readonly bundle: string;
  /** ISO 8601. Empty for one of which the runtime knows nothing yet. */
  readonly created: string;
}

/** A container of a bundle, told as Docker's. */
export interface BundleRecord extends ContainerRecord {
  readonly BundleConfiguration: BundleConfiguration;
}

/** Stands for the path in the container in the mount that is the bundle's own folder. Of what is in that, only the configuration is moved. */
export const bundleFolder = "bundle";
const rootFolder = "/";

/** Whether a mount is what the container itself is made of: its bundle's folder or its root file system. */
export function isOfBundle(destination: string): boolean {
  return destination === bundleFolder || destination === rootFolder;
}

/** The container as Docker's records tell it: its root file system is a bind mount, and so is the bundle's folder. */
export function recordOf(
  { id, status, pid, bundle, created }: RuntimeContainer,
  configuration: BundleConfiguration,
  runtime: BundleRuntime,
): BundleRecord {
  const { process, hostname = "", annotations = {}, linux, mounts = [], root } = configuration;
  const isPaused = status === "paused";
  const bind = (source: string, destination: string, writable = true) => ({
    ...{ Type: "bind", Source: source, Destination: destination, Mode: "", RW: writable, Propagation: "rprivate" },
  });
  const tmpfs = mounts.filter(({ type, destination }) => type === "tmpfs" && !["/dev", "/dev/shm"].includes(destination));
  const record = {
    Id: id,
    Name: `/${id}`,
    Created: created,
    Image: "",
    Driver: "",
    Platform: "linux",
    Path: process.args?.[0] ?? "",
    Args: process.args?.slice(1) ?? [],
    AppArmorProfile: process.apparmorProfile ?? "",
    State: {
      Status: status === "stopped" ? "exited" : status,
      Running: status === "running" || isPaused,
      Paused: isPaused,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: pid,
      // Nobody keeps it.
      ExitCode: -1,
      Error: "",
      StartedAt: created,
      FinishedAt: "",
    },
    Config: {
      Image: "",
      Hostname: hostname,
      Domainname: "",
      User: "",
      Tty: process.terminal === true,
      OpenStdin: false,
      Env: [...(process.env ?? [])],
      Cmd: [...(process.args ?? [])],
      WorkingDir: process.cwd ?? "/",
      Labels: { ...annotations },
    },
    HostConfig: {
      Runtime: runtime,
      NetworkMode: networkMode(linux.namespaces),
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      LogConfig: { Type: "none", Config: {} },
      Memory: linux.resources?.memory?.limit ?? 0,
      SecurityOpt: linux.seccomp === undefined ? ["seccomp=unconfined"] : [],
      Tmpfs: Object.fromEntries(tmpfs.map(({ destination, options = [] }) => [destination, options.join(",")])),
      MaskedPaths: [...(linux.maskedPaths ?? [])],
      ReadonlyPaths: [...(linux.readonlyPaths ?? [])],
    },
    Mounts: [
      bind(bundle, bundleFolder),
      bind(root.path, rootFolder, root.readonly !== true),
      ...mounts
        .filter(isBind)
        .map(({ source = "", destination, options = [] }) => bind(source, destination, !options.includes("ro"))),
    ],
    NetworkSettings: { Networks: {}, Ports: {} },
    BundleConfiguration: configuration,
  };
  return record as unknown as BundleRecord;
}

/** As Docker names it. One that others have made is theirs. */
function networkMode(namespaces: BundleConfiguration["linux"]["namespaces"]): string {
  const network = namespaces.find(({ type }) => type === "network");
  if (network === undefined) return "host";
  return network.path === undefined || network.path === "" ? "none" : `container:${network.path}`;
}

/** @throws MigrationError `incompatible` for a container that is none of a bundle */
export function asBundle(record: ContainerRecord): BundleRecord {
  if ("BundleConfiguration" in record) return record as BundleRecord;
  throw new MigrationError("incompatible", `container \`${record.Name}\` is none of a bundle`, {
    remedy: "Move it to Docker or Podman.",
  });
}
