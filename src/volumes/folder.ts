import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Host } from "../host/host.ts";

/** A folder on a machine. */
export interface Folder {
  readonly host: Host;
  /** Absolute path. */
  readonly path: string;
}

// Access lists are among the attributes, by numbers. `--acls` writes users by their names, --numeric-owner or not (GNU tar 1.34), and a name may be another user's there.
const attributes = ["--xattrs", "--xattrs-include=*"];
const created = ["--create", "--file=-", "--format=posix", "--sparse", "--numeric-owner", ...attributes];
const named = ["--no-recursion", "--null", "--verbatim-files-from", "--files-from=-"];
const extracted = [
  "--extract",
  "--file=-",
  "--numeric-owner",
  "--same-owner",
  "--preserve-permissions",
  "--delay-directory-restore",
];

// tar says 1 of files that change while they are read, which the next pass finds.
const packScript = `cd -- "$1"; patience=$2; shift 2; tar "$@" && exit 0; [ "$?" -le "$patience" ]`;

/**
 * A tar archive of some paths below a folder, with all their attributes.
 * @param isLive whether files may change or vanish meanwhile
 */
export function packPaths({ host, path }: Folder, paths: readonly string[], isLive: boolean, signal?: AbortSignal): Readable {
  const forgiving = isLive ? ["--ignore-failed-read", "--warning=no-failed-read"] : [];
  const words = ["sh", "-uc", packScript, "sh", path, isLive ? "1" : "0", ...created, ...forgiving, ...named];
  return host.stream(words, { input: namesOf(paths), signal });
}

/** Unpacks such an archive over what is there. @param decoder a program that undoes its compression */
export async function unpackPaths(
  { host, path }: Folder,
  archive: Readable,
  decoder: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const script = `cd -- "$1"; shift; ${decoder === undefined ? "" : `${decoder} | `}tar "$@"`;
  await host.script(script, [path, ...extracted, ...attributes], { input: archive, signal });
}

/** Removes paths below a folder, with all below them. */
export async function removePaths({ host, path }: Folder, paths: readonly string[], signal?: AbortSignal): Promise<void> {
  if (paths.length === 0) return;
  await host.script('cd -- "$1"; exec xargs -0 rm -rf --', [path], { input: namesOf(paths), signal });
}

/** SHA-256 of files below a folder, by path. Those that vanish meanwhile are left out. */
export async function sumPaths(
  { host, path }: Folder,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const script = 'cd -- "$1"; xargs -0 sha256sum --zero -- 2>/dev/null || true';
  const output = await buffer(host.stream(["sh", "-uc", script, "sh", path], { input: namesOf(paths), signal }));
  const lines = output.toString("latin1").split("\0");
  return new Map(
    lines.flatMap((line) => {
      const [, sum = "", name] = /^([0-9a-f]{64}) [ *]\.\/(.*)$/s.exec(line) ?? [];
      return name === undefined ? [] : [[name, sum] as const];
    }),
  );
}

/** Names are bytes: they are kept as latin1 text throughout. */
function namesOf(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((name) => `./${name}\0`).join(""), "latin1");
}
