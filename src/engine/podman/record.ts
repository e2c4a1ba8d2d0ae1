import { files } from "../../resume/resume-directory.ts";
import type { ContainerRecord } from "../docker/engine.ts";
import { defaultCapabilities } from "../docker/security.ts";
import type { PodmanDetails } from "./details.ts";

/** Podman's default network; Docker's is `bridge`. */
const defaultNetwork = "podman";

/** What Docker knows behind the last colon of a bind (daemon's volume/mounts/linux_parser.go); Podman tells its own defaults, too. */
const bindOptions = ["ro", "rw", "shared", "rshared", "slave", "rslave", "private"];
/** Podman's options for a tmpfs that Docker has no word for: whether what the image has there is copied into it. */
const tmpfsOptions = ["tmpcopyup", "notmpcopyup"];

/**
 * The record that Podman makes for Docker's clients, as Docker itself would have it: that Docker can make such a container of it.
 * @param record of Podman's API for Docker
 */
export function asDockers(record: ContainerRecord, details: PodmanDetails): ContainerRecord {
  const { HostConfig: host, NetworkSettings: settings } = record;
  const networks = Object.entries(settings.Networks ?? {}).map(
    ([name, endpoint]) => [name === defaultNetwork ? "bridge" : name, endpoint] as const,
  );
  const isOverlay = record.Driver === "overlay";
  // Docker refuses a container with both.
  const time = (host.NanoCpus ?? 0) > 0 ? { CpuPeriod: 0, CpuQuota: 0 } : {};
  return {
    ...record,
    // Both engines keep files in overlayfs's directories alike; the names differ.
    Driver: isOverlay ? "overlay2" : record.Driver,
    GraphDriver: isOverlay ? { ...record.GraphDriver, Name: "overlay2" } : record.GraphDriver,
    AppArmorProfile: /^containers-default-/.test(record.AppArmorProfile ?? "") ? "" : record.AppArmorProfile,
    Config: { ...record.Config, Entrypoint: entryPoint(record) },
    NetworkSettings: { ...settings, Networks: Object.fromEntries(networks) },
    HostConfig: {
      ...host,
      ...time,
      NetworkMode: networkMode(
        host.NetworkMode,
        networks.map(([name]) => name),
      ),
      Runtime: details.runtime,
      RestartPolicy: { ...host.RestartPolicy, Name: host.RestartPolicy?.Name || "no" },
      Binds: host.Binds?.map(bind) ?? [],
      Tmpfs: Object.fromEntries(Object.entries(host.Tmpfs ?? {}).map(([path, options]) => [path, tmpfs(options)])),
      Ulimits: host.Ulimits?.map(({ Name: name = "", ...limits }) => ({
        ...limits,
        Name: name.replace(/^RLIMIT_/, "").toLowerCase(),
      })),
      ...capabilities(details.capabilities),
      SecurityOpt: [...(host.SecurityOpt ?? []), ...(details.hasSeccomp ? [] : ["seccomp=unconfined"])],
      MaskedPaths: [...details.maskedPaths],
      ReadonlyPaths: [...details.readonlyPaths],
      IpcMode: host.IpcMode === "shareable" ? "private" : host.IpcMode,
      ...Object.fromEntries((["PidMode", "UTSMode", "UsernsMode"] as const).map((key) => [key, ownOrNot(host[key])])),
      // Nothing tells 0 from what nobody chose.
      MemorySwappiness: host.MemorySwappiness || undefined,
    } as ContainerRecord["HostConfig"],
  };
}

/** Docker's record as Podman's API for Docker's clients takes it. */
export function asPodmans(record: ContainerRecord): ContainerRecord {
  const { LogConfig: log, ...host } = record.HostConfig;
  // Podman doesn't know Docker's `local`, and uses its own default.
  return { ...record, HostConfig: log === undefined || log.Type === "local" ? host : { ...host, LogConfig: log } };
}

/** Podman says `bridge` of any network; Docker the name of the one that the container was made in. */
function networkMode(mode: string | undefined, names: readonly string[]): string | undefined {
  return mode !== "bridge" || names.includes("bridge") ? mode : (names[0] ?? mode);
}

/** Podman puts its words into one text, and splits it at spaces again. What was started are the entry point's and then the command's. */
function entryPoint({
  Path: path,
  Args: rest,
  Config: { Entrypoint: told, Cmd: command },
}: ContainerRecord): ContainerRecord["Config"]["Entrypoint"] {
  const started = [path, ...rest];
  // Of a container that was resumed, the resume program comes first.
  const all = started.slice(started.indexOf(files.program) + 1);
  const words = all.slice(0, all.length - (command ?? []).length);
  const isWhole = path !== "" && [...words, ...(command ?? [])].every((word, index) => word === all[index]);
  if (!isWhole) return told;
  return words.length === 0 ? undefined : words;
}

function bind(text: string): string {
  const [source = "", destination = "", options = ""] = text.split(":");
  const known = options.split(",").filter((option) => bindOptions.includes(option));
  // A volume takes no propagation.
  const kept = source.startsWith("/") ? known : known.filter((option) => option === "ro" || option === "rw");
  return [source, destination, ...(kept.length === 0 ? [] : [kept.join(",")])].join(":");
}

function tmpfs(options: string): string {
  return options
    .split(",")
    .filter((option) => !tmpfsOptions.includes(option))
    .join(",");
}

/** By default Podman gives fewer than Docker. */
function capabilities(bounding: readonly string[]): { CapAdd: string[]; CapDrop: string[] } {
  const usual = defaultCapabilities.map((name) => `CAP_${name}`);
  return {
    CapAdd: bounding.filter((name) => !usual.includes(name)),
    CapDrop: usual.filter((name) => !bounding.includes(name)),
  };
}

function ownOrNot(mode: string | undefined): string | undefined {
  return mode === "private" ? "" : mode;
}
