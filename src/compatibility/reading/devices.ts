import type { ContainerRecord } from "../../engine/docker/engine.ts";
import type { Host } from "../../host/host.ts";

/** A device file, or a folder of them. */
export interface DeviceNode {
  readonly kind: "character device" | "block device" | "folder";
  /** `10:229`. */
  readonly number: string;
}

/** A device that a container was given. */
export interface DeviceFacts {
  /** The path on the machine. */
  readonly source: string;
  /** The path in the container. */
  readonly destination: string;
  /** The path on the target. */
  readonly there: string;
  /** Whether the user has said which one of the target's it shall be. */
  readonly isChosen: boolean;
  /** Undefined when nothing is there any more. */
  readonly node: DeviceNode | undefined;
}

/** The fields of Docker's record that are used here (the client leaves them untyped). */
interface DeviceMapping {
  readonly PathOnHost?: string;
  readonly PathInContainer?: string;
}

// `stat` tells numbers in hexadecimal.
const script = `for path in "$@"; do
  kind=; [ ! -c "$path" ] || kind="character device"; [ ! -b "$path" ] || kind="block device"; [ ! -d "$path" ] || kind=folder
  echo "$(stat -L -c %t:%T -- "$path" 2>/dev/null || true) $kind"
done`;

/** What devices are there, by their paths; those that are not there are left out. @throws MigrationError as `Host.script` */
export async function readDeviceNodes(
  host: Host,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, DeviceNode>> {
  if (paths.length === 0) return new Map();
  const lines = (await host.script(script, paths, { signal })).split("\n");
  return new Map(
    paths.flatMap((path, index) => {
      const [, major = "", minor = "", kind] = /^([0-9a-f]+):([0-9a-f]+) (.+)$/.exec(lines[index] ?? "") ?? [];
      const number = [major, minor].map((digits) => Number.parseInt(digits, 16)).join(":");
      return kind === undefined ? [] : [[path, { kind: kind as DeviceNode["kind"], number }] as const];
    }),
  );
}

/** The devices that a container was made with (`--device`). @throws MigrationError as `Host.script` */
export async function readDevices(host: Host, { HostConfig }: ContainerRecord, signal?: AbortSignal): Promise<DeviceFacts[]> {
  const mappings: readonly DeviceMapping[] = HostConfig.Devices ?? [];
  const sources = mappings.map(({ PathOnHost: source = "" }) => source);
  const nodes = await readDeviceNodes(host, sources, signal);
  return mappings.map(({ PathOnHost: source = "", PathInContainer: destination = source }) => ({
    ...{ source, destination, there: source, isChosen: false },
    node: nodes.get(source),
  }));
}
