/**
 * A CRIU of its own, with all the libraries it needs, in one relocatable folder:
 *
 *     bin/criu       starts the program through the bundle's own loader, wherever the folder lies
 *     tools/         GNU tar and gzip, which CRIU calls
 *     lib/           the library by which crun calls CRIU
 *     prefix/        the unpacked packages
 *     bundle.json    what is in it; written last
 *
 * Distributions lag behind: CRIU before 4.2 cannot dump a socket on Linux 6.16 and later.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Debian's names. */
export type BundleArchitecture = "amd64" | "arm64";

/** The oldest CRIU that can dump on today's kernels. */
export const oldestCriu = { major: 4, minor: 2 } as const;

export interface BundleRecord {
  readonly format: 1;
  /** As CRIU numbers itself: `4.2.1`. */
  readonly version: string;
  readonly architecture: BundleArchitecture;
  /** The Debian packages in it: name → version. */
  readonly packages: Readonly<Record<string, string>>;
}

/** This machine's architecture; undefined where there is no bundle for it. */
export function ownArchitecture(): BundleArchitecture | undefined {
  return process.arch === "x64" ? "amd64" : process.arch === "arm64" ? "arm64" : undefined;
}

/** `$XDG_DATA_HOME/migrate-container/criu/<architecture>`, by default below `~/.local/share`. */
export function defaultBundleDirectory(architecture: BundleArchitecture): string {
  const dataHome = process.env.XDG_DATA_HOME;
  // The XDG base directory specification: a relative path is to be ignored.
  const base = dataHome !== undefined && isAbsolute(dataHome) ? dataHome : join(homedir(), ".local", "share");
  return join(base, "migrate-container", "criu", architecture);
}

export function binDirectoryOf(bundle: string): string {
  return join(bundle, "bin");
}

export function programOf(bundle: string): string {
  return join(binDirectoryOf(bundle), "criu");
}

export function recordOf(bundle: string): string {
  return join(bundle, "bundle.json");
}

/** @returns undefined when there is no complete bundle */
export async function readBundleRecord(bundle: string): Promise<BundleRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(recordOf(bundle), "utf8"));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is BundleRecord {
  const { format, version, architecture, packages } = (value ?? {}) as Partial<Record<keyof BundleRecord, unknown>>;
  const isNamed = typeof version === "string" && (architecture === "amd64" || architecture === "arm64");
  return format === 1 && isNamed && typeof packages === "object" && packages !== null;
}
