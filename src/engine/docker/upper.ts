import type { Readable } from "node:stream";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { DockerEngine } from "./engine.ts";

/**
 * The directory on the engine's machine that holds what a container has written over its image.
 * @throws MigrationError `incompatible` for another storage driver than overlay2
 */
export async function upperDirectory(engine: DockerEngine, id: string): Promise<string> {
  const { GraphDriver: driver } = await engine.inspect(id);
  // The client's type knows only the fields of the devicemapper driver. Containerd's image store gives no driver at all.
  const data: Readonly<Record<string, string | undefined>> = { ...driver?.Data };
  const directory = data.UpperDir;
  if (driver?.Name === "overlay2" && directory !== undefined) return directory;
  throw new MigrationError(
    "incompatible",
    `${engine.title} keeps the container's files with the storage driver \`${driver?.Name ?? "of containerd"}\``,
    {
      host: engine.host.name,
      remedy:
        'Only overlay2 is supported: set "storage-driver": "overlay2" in daemon.json (and "features": {"containerd-snapshotter": false} for Docker 29 and later).',
      details: { storageDriver: driver?.Name },
    },
  );
}

// What overlayfs keeps in the upper directory: whiteouts are character devices 0:0, opaque directories have the attribute
// trusted.overlay.opaque (kernel, Documentation/filesystems/overlayfs.rst). trusted.overlay.origin holds file handles of the
// layers below, which mean nothing (or another file) on another machine; trusted.overlay.uuid is the mount's own identity.
const ofTheMachine = ["--xattrs-exclude=trusted.overlay.origin", "--xattrs-exclude=trusted.overlay.uuid"];
// Access lists are among the attributes, by numbers. `--acls` writes users by their names, --numeric-owner or not (GNU tar 1.34), and a name may be another user's there.
const attributes = ["--xattrs", "--xattrs-include=*", ...ofTheMachine];

const needsGnuTar = `
tar --version 2>/dev/null | grep -q 'GNU tar' || { echo "GNU tar is needed: the tar of this machine keeps no extended attributes" >&2; exit 1; }
exec tar "$@"
`;
const gnuTar = (parameters: readonly string[]) => ["sh", "-c", needsGnuTar, "sh", ...parameters];

export interface PackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Paths below the directory, without a leading slash, that are left out. They hold no line feeds. */
  readonly excluded?: readonly string[];
}

/**
 * A tar archive of an upper directory with all that overlayfs needs: whiteouts, extended attributes, numeric owners, hard
 * links, holes. The stream fails with `command-failed`.
 */
export function packUpper(host: Host, directory: string, { signal, excluded = [] }: PackOptions = {}): Readable {
  // The posix format has extended attributes, and times in nanoseconds.
  return host.stream(
    gnuTar([
      ...["--create", "--format=posix", "--sparse", "--numeric-owner", ...attributes],
      ...["--anchored", "--no-wildcards", "--exclude-from=-", "--directory", directory, "."],
    ]),
    { signal, input: excluded.map((path) => `./${path}\n`).join("") },
  );
}

/**
 * Unpacks `packUpper`'s archive into the upper directory of a container that is created and not started: overlayfs does
 * not allow changes below a mounted file system.
 * @param archive a stream, or the path of a file on the host
 * @throws MigrationError `command-failed`, `cancelled`
 */
export async function unpackUpper(
  host: Host,
  directory: string,
  archive: Readable | string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const options = ["--extract", "--numeric-owner", "--same-owner", "--preserve-permissions", "--delay-directory-restore"];
  const [file, input] = typeof archive === "string" ? [["--file", archive], {}] : [[], { input: archive }];
  await host.must(gnuTar([...options, ...attributes, "--directory", directory, ...file]), { ...input, signal });
}
