import type { Host } from "../../host/host.ts";
import type { EngineObstacle } from "../docker/engine.ts";
import type { BundleRuntime } from "../engine-name.ts";
import type { BundleConfiguration } from "./configuration.ts";
import type { BundleRecord } from "./record.ts";

/** What a bundle's configuration does not tell of a container. */
export interface Surroundings {
  /** Whether the runtime waits for the container's end, for whoever has started it. */
  readonly inForeground: boolean;
  /** Network devices beside `lo`. */
  readonly networkDevices: readonly string[];
  /** Standard descriptors that are files or terminals of the machine: `1 (/var/log/web.log)`. */
  readonly outsideFiles: readonly string[];
  /** Standard descriptors that are pipes: whoever has started the container holds the other ends. */
  readonly pipes: readonly string[];
}

// The process may end meanwhile. A file that is none of the container's is on a mount that is none of its (proc(5), fdinfo: mnt_id).
const script = `set +e; exec 2>/dev/null
pid=$1
parent=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status")
case $(cat "/proc/$parent/comm" 2>/dev/null) in runc | crun) echo foreground ;; esac
sed -n 's/^ *\\([^ :]*\\):.*/device \\1/p' "/proc/$pid/net/dev"
for number in 0 1 2; do
  file=$(readlink "/proc/$pid/fd/$number") || continue
  mount=$(sed -n 's/^mnt_id:[^0-9]*//p' "/proc/$pid/fdinfo/$number")
  case $file in
    pipe:*) echo "pipe $number" ;;
    /*) grep -q "^$mount " "/proc/$pid/mountinfo" || echo "outside $number ($file)" ;;
  esac
done
exit 0`;

/** @param pid of the container's first process. @throws MigrationError as `Host.script` */
export async function readSurroundings(host: Host, pid: number): Promise<Surroundings> {
  // Of one that does not run nothing is known.
  const lines = pid > 0 ? (await host.script(script, [String(pid)])).split("\n") : [];
  const after = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    inForeground: lines.includes("foreground"),
    networkDevices: after("device").filter((name) => name !== "lo"),
    outsideFiles: after("outside"),
    pipes: after("pipe"),
  };
}

const ofEveryContainer = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);
const needed = ["pid", "mount", "ipc", "uts"];

/** What of a bundle's container can't be moved, or comes otherwise than it was. */
export function bundleObstacles(
  { BundleConfiguration: configuration, Id: id, HostConfig: host }: BundleRecord,
  runtime: BundleRuntime,
  surroundings: Surroundings,
  lacksCriu: boolean,
): EngineObstacle[] {
  const { process, linux } = configuration;
  const hooks = Object.entries(configuration.hooks ?? {}).filter(([, list]) => (list ?? []).length > 0);
  const manager = configuration.annotations?.["io.container.manager"];
  const devices = (linux.devices ?? []).map(({ path }) => path).filter((path) => !ofEveryContainer.includes(path));
  const { inForeground, networkDevices, outsideFiles, pipes } = surroundings;
  const all: (EngineObstacle | false)[] = [
    manager !== undefined && {
      seen: `${manager} keeps it, and not ${runtime} alone`,
      remedy: `Name it as that engine's: \`podman:${id}\`.`,
    },
    inForeground && {
      seen: `${runtime} waits for its end: whoever called \`${runtime} run\` may start it again`,
      remedy: `Start it with \`${runtime} run --detach\`.`,
    },
    process.terminal === true && {
      seen: "it has a terminal (process.terminal), whose other end is a program of this machine",
      remedy: "Start it with `terminal` false in its config.json.",
    },
    hooks.length > 0 && {
      seen: `it has hooks (${hooks.map(([name]) => name).join(", ")}), which are programs of this machine`,
      remedy: "Start it without `hooks` in its config.json, and do what they do by hand, here and there.",
    },
    devices.length > 0 && {
      seen: `it is given devices (linux.devices): ${devices.join(", ")}`,
      remedy: "Start it without them: their numbers are this machine's.",
    },
    ...namespaceObstacles(linux),
    lacksCriu && {
      seen: `this ${runtime} was built without CRIU`,
      remedy: "Start the container with runc, or with a crun that says +CRIU in `crun --version`.",
      ofMemory: true,
    },
    outsideFiles.length > 0 && {
      seen: `its standard descriptors are of this machine: ${outsideFiles.join(", ")}`,
      remedy:
        "Start it with /dev/null or pipes (`</dev/null >/dev/null 2>&1`): CRIU can't dump files from outside of the container.",
      ofMemory: true,
    },
    pipes.length > 0 && {
      seen: `its standard descriptors ${pipes.join(", ")} are pipes of whoever has started it: on the target they are /dev/null`,
      remedy: "Let it write what matters into files.",
      isLost: true,
    },
    networkDevices.length > 0 &&
      host.NetworkMode !== "host" && {
        seen: `its network namespace was given ${networkDevices.join(", ")}: on the target it has lo alone`,
        remedy: "Put a device into its namespace there after the move (`ip link set DEVICE netns PID`).",
        isLost: true,
      },
  ];
  return all.filter((obstacle) => obstacle !== false);
}

function namespaceObstacles({ namespaces }: BundleConfiguration["linux"]): EngineObstacle[] {
  const missing = needed.filter((type) => !namespaces.some((namespace) => namespace.type === type));
  const joined = namespaces.filter(({ type, path }) => type !== "network" && path !== undefined && path !== "");
  const all: (EngineObstacle | false)[] = [
    missing.length > 0 && {
      seen: `it shares with its machine: ${missing.join(", ")}`,
      remedy: "Start it with namespaces of its own (linux.namespaces in its config.json).",
    },
    joined.length > 0 && {
      seen: `it was put into namespaces of others: ${joined.map(({ type, path }) => `${type} (${path})`).join(", ")}`,
      remedy: "Start it with namespaces of its own: without `path` in linux.namespaces of its config.json.",
    },
  ];
  return all.filter((obstacle) => obstacle !== false);
}
