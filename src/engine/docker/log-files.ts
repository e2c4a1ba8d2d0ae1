import type { ContainerRecord, DockerEngine } from "./engine.ts";

/** Where a container's logs lie on its engine's machine, and how their files are called. */
export interface LogPlace {
  /** Docker's folder of the container. */
  readonly folder: string;
  /** The newest file's name, below the folder; older ones have an ending: `.1`, `.2.gz`. */
  readonly newest: string;
  /** Whether a file may begin with any of its lines; those of the driver `local` are no lines. */
  readonly hasLines: boolean;
}

/** A file of a container's logs. */
export interface LogFile {
  /** What follows the newest one's name; empty for that one itself. */
  readonly ending: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of its first `headBytes`: each entry has its time in it, so no other file has it, whatever their names become. */
  readonly head: string;
}

/** Bytes. A file that has so many keeps its head, whatever is appended to it. */
export const headBytes = 4096;

/**
 * The logs of a container, as Docker's drivers that keep files name them (moby, daemon/logger/jsonfilelog, daemon/logger/local). They need not be
 * there yet: a driver appends to what it finds when the container starts.
 * @returns undefined for a driver that keeps none, and for Podman, whose files are of another form and open before the first start
 */
export async function logPlaceOf(
  engine: DockerEngine,
  { Id: id, HostConfig: config }: ContainerRecord,
): Promise<LogPlace | undefined> {
  const driver: string | undefined = config.LogConfig?.Type;
  if (engine.name !== "docker" || (driver !== "json-file" && driver !== "local")) return;
  const { rootDirectory } = await engine.info();
  const folder = `${rootDirectory}/containers/${id}`;
  return driver === "json-file"
    ? { folder, newest: `${id}-json.log`, hasLines: true }
    : { folder, newest: "local-logs/container.log", hasLines: false };
}

// A file may be gone under its name while it is looked at: then its line has not all of the fields.
const listScript = `cd -- "$1" 2>/dev/null || exit 0
for file in "$2" "$2".[0-9]*; do
  [ ! -f "$file" ] || echo "$(stat -c %s -- "$file") $(head -c ${headBytes} -- "$file" | sha256sum | cut -c 1-64) $file"
done`;

/** The files that are there, the newest first. @throws MigrationError as `Host.script` */
export async function listLogs({ host }: DockerEngine, { folder, newest }: LogPlace, signal?: AbortSignal): Promise<LogFile[]> {
  const text = await host.script(listScript, [folder, newest], { signal });
  const lines = Array.from(text.matchAll(/^(\d+) ([0-9a-f]{64}) (.+)$/gm));
  const files = lines.map(([, size, head = "", name = ""]) => ({ ending: name.slice(newest.length), size: Number(size), head }));
  // Docker compresses a rotated file under another name.
  return files.filter(({ ending }) => /^(\.\d+(\.gz)?)?$/.test(ending)).toSorted((one, other) => age(one) - age(other));
}

function age({ ending }: LogFile): number {
  return Number.parseInt(ending.slice(1), 10) || 0;
}
