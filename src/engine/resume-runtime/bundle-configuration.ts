import type { BundleEdit, BundleMount } from "./bundle-edit.ts";

/** A mount as people write it: what is left out has a default. */
export type ConfiguredMount = Pick<BundleMount, "destination"> & Partial<BundleMount>;

/** The part of an OCI runtime configuration that is changed for a resume; everything else stays as it is. */
export interface RuntimeConfiguration {
  readonly process: { readonly args?: readonly string[]; readonly [key: string]: unknown };
  readonly mounts?: readonly ConfiguredMount[];
  readonly linux: { readonly namespaces: readonly { readonly type: string }[]; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** What stands in a configuration for offsets that only the machine knows that runs it. With its quotes it is replaced by an object. */
export const clockPlaceholders = { monotonic: '"@monotonic@"', boottime: '"@boottime@"' } as const;

export interface ResumeEdit {
  /** What runs the resume program: it is put before the container's own arguments. */
  readonly command: readonly string[];
  readonly capabilities: BundleEdit["capabilities"];
  /** Mounts that it needs beside the container's own. */
  readonly mounts: readonly BundleMount[];
  /** Whether the container sees the source's clocks, in a time namespace of the runtime's. */
  readonly sourceClocks: boolean;
}

/** A bundle's configuration with which the resume program runs: as `bundleEditScript`, for a configuration that is at hand. */
export function resumedConfiguration<Configuration extends RuntimeConfiguration>(
  configuration: Configuration,
  { command, capabilities: { bounding, inheritable }, mounts, sourceClocks }: ResumeEdit,
): Configuration {
  const { process, linux } = configuration;
  const { monotonic, boottime } = clockPlaceholders;
  return {
    ...configuration,
    process: {
      ...process,
      terminal: false,
      args: [...command, ...(process.args ?? [])],
      user: { uid: 0, gid: 0 },
      capabilities: { bounding, effective: bounding, permitted: bounding, inheritable },
    },
    mounts: [...(configuration.mounts ?? []), ...mounts],
    linux: {
      ...linux,
      namespaces: [...linux.namespaces.filter(({ type }) => type !== "time"), ...(sourceClocks ? [{ type: "time" }] : [])],
      ...(sourceClocks ? { timeOffsets: { monotonic: JSON.parse(monotonic), boottime: JSON.parse(boottime) } } : {}),
    },
  };
}
