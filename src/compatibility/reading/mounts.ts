import { plainName } from "../../engine/docker/container-name.ts";
import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";

/** A volume or bind mount of a container. */
export interface MountFacts {
  readonly type: "volume" | "bind";
  /** Of a volume. */
  readonly name: string | undefined;
  /** The path on the machine. */
  readonly source: string;
  /** The path in the container. */
  readonly destination: string;
  /** Of a bind mount: the path on the target. */
  readonly there: string;
  /** Whether a bind mount is of what the target has already: then nothing is copied. */
  readonly isThere: boolean;
  /** What is there on the machine: a folder, a file, something else (a socket); empty when nothing is. */
  readonly kind: "d" | "f" | "other" | "";
  /** Of a volume. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether a volume is more than a folder of Docker's own: a mount of something else (options of the driver `local`). */
  readonly hasOptions: boolean;
  /** Names of other running containers that have it, too. */
  readonly sharedWith: readonly string[];
  /** Whether it is copied even so. Default: no. */
  readonly copyShared?: boolean;
  /** Bytes. Undefined when they can't be counted soon enough. */
  readonly bytes: number | undefined;
}

// A second for all sizes: without them, only the room on the target is known less well.
const readScript = `for path in "$@"; do
  if [ -d "$path" ]; then echo d; elif [ -f "$path" ]; then echo f; elif [ -e "$path" ]; then echo other; else echo; fi
done
timeout 1 du -skx "$@" 2>/dev/null || true`;

/** Reads what the volumes and bind mounts of a container are. @throws MigrationError as `Host.script`, `engine-request-failed` */
export async function readMounts(engine: DockerEngine, container: ContainerRecord, signal: AbortSignal): Promise<MountFacts[]> {
  const mounts = container.Mounts.filter(({ Type: type }) => type === "volume" || type === "bind");
  if (mounts.length === 0) return [];
  const paths = mounts.map(({ Source: source }) => source);
  const [text, running] = await Promise.all([engine.host.script(readScript, paths, { signal }), engine.list()]);
  const lines = text.split("\n");
  const sizes = lines.slice(paths.length);
  const others = running.filter(({ Id: id }) => id !== container.Id);
  return await Promise.all(
    mounts.map(async ({ Type: type, Name: name, Source: source, Destination: destination }, index) => {
      const kibibytes = sizes.find((line) => line.endsWith(`\t${source}`))?.split("\t")[0];
      return {
        type: type as MountFacts["type"],
        ...{ name, source, destination, there: source, isThere: false },
        kind: (lines[index] ?? "") as MountFacts["kind"],
        ...(type === "volume" && name !== undefined ? await volumeFacts(engine, name) : { labels: {}, hasOptions: false }),
        sharedWith: others
          .filter(({ Mounts: theirs = [] }) => theirs.some((mount) => mount.Source === source && source !== ""))
          .map(({ Names: [own = ""] }) => plainName(own)),
        bytes: kibibytes === undefined ? undefined : Number(kibibytes) * 1024,
      };
    }),
  );
}

async function volumeFacts(engine: DockerEngine, name: string): Promise<Pick<MountFacts, "labels" | "hasOptions">> {
  const { Options: options, Labels: labels } = await engine.request(`inspect volume ${name}`, (client) =>
    client.getVolume(name).inspect(),
  );
  return { labels: labels ?? {}, hasOptions: Object.keys(options ?? {}).length > 0 };
}
