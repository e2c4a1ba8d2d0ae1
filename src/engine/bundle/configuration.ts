import { dirname, isAbsolute, join } from "node:path/posix";
import { MigrationError } from "../../errors.ts";
import type { ConfiguredMount, RuntimeConfiguration } from "../resume-runtime/bundle-configuration.ts";

/** The fields of a bundle's config.json that are used here (OCI runtime-spec, config.md, config-linux.md). */
export interface BundleConfiguration extends RuntimeConfiguration {
  readonly root: { readonly path: string; readonly readonly?: boolean };
  readonly process: {
    readonly args?: readonly string[];
    readonly env?: readonly string[];
    readonly cwd?: string;
    readonly terminal?: boolean;
    readonly apparmorProfile?: string;
    readonly [key: string]: unknown;
  };
  readonly hostname?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hooks?: Readonly<Record<string, readonly { readonly path: string }[] | null>>;
  readonly linux: {
    readonly namespaces: readonly Namespace[];
    readonly cgroupsPath?: string;
    readonly seccomp?: object;
    readonly devices?: readonly { readonly path: string }[] | null;
    readonly resources?: { readonly memory?: { readonly limit?: number } };
    readonly maskedPaths?: readonly string[];
    readonly readonlyPaths?: readonly string[];
    readonly [key: string]: unknown;
  };
}

export interface Namespace {
  readonly type: string;
  /** Of one that somebody has made before. */
  readonly path?: string;
}

/**
 * Reads a bundle's configuration; its paths become absolute.
 * @param folder the bundle's
 * @throws MigrationError `incompatible` when it is none
 */
export function parseConfiguration(text: string, folder: string, host: string): BundleConfiguration {
  const { root, process, linux, mounts = [], ...others } = parsed(text) as Partial<BundleConfiguration>;
  if (root === undefined || process === undefined || linux === undefined) {
    throw new MigrationError("incompatible", `there is no configuration of a Linux container in ${folder}/config.json`, {
      host,
      remedy: "Put the config.json back with which the container was started.",
    });
  }
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  return {
    ...others,
    process,
    root: { ...root, path: absolute(root.path) },
    linux: { ...linux, namespaces: linux.namespaces ?? [] },
    mounts: mounts.map((mount) => (isBind(mount) ? { ...mount, source: absolute(mount.source ?? "") } : mount)),
  };
}

function parsed(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Whether a mount is a folder or file of the machine. */
export function isBind({ type, options = [] }: ConfiguredMount): boolean {
  return type === "bind" || options.includes("bind") || options.includes("rbind");
}

export interface Adaptation {
  /** The container's id on the source, and on the target. */
  readonly from: string;
  readonly to: string;
  /** The bundle's folder on the target. */
  readonly folder: string;
  /** The path on the target of what is mounted, by its path in the container; the root file system is at `/`. What has none is left out. */
  readonly paths: ReadonlyMap<string, string>;
  /** Whether the container gets a network namespace of its own whatever it has here. */
  readonly ownNetwork: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The configuration of the same container on another machine. */
export function adaptConfiguration(
  configuration: BundleConfiguration,
  { from, to, folder, paths, ownNetwork, annotations }: Adaptation,
): BundleConfiguration {
  const { root, mounts = [], linux } = configuration;
  const rootPath = paths.get("/") ?? root.path;
  const network = { type: "network" };
  const others = linux.namespaces.filter(({ type }) => type !== "network");
  return {
    ...configuration,
    annotations: { ...configuration.annotations, ...annotations },
    root: { ...root, path: dirname(rootPath) === folder ? rootPath.slice(folder.length + 1) : rootPath },
    mounts: mounts.flatMap((mount) => {
      if (!isBind(mount)) return [mount];
      const source = paths.get(mount.destination);
      return source === undefined ? [] : [{ ...mount, source }];
    }),
    linux: {
      ...linux,
      namespaces: ownNetwork ? [...others, network] : linux.namespaces,
      cgroupsPath: cgroupsPathOn(linux.cgroupsPath, from, to),
    },
  };
}

/** Without one, it would be in a cgroup below that of whoever starts it: of an SSH session, which ends. */
function cgroupsPathOn(path: string | undefined, from: string, to: string): string {
  if (path === undefined || path === "") return `/${to}`;
  return path
    .split(/([/:])/)
    .map((part) => (part === from ? to : part))
    .join("");
}
