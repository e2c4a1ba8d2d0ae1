import {
  clockPlaceholders,
  type RuntimeConfiguration,
  resumedConfiguration,
} from "../engine/resume-runtime/bundle-configuration.ts";
import { type BundleMount, resumeMounts } from "../engine/resume-runtime/bundle-edit.ts";
import { capabilitiesAtStart } from "../engine/resume-runtime/resume-folder.ts";
import { MigrationError } from "../errors.ts";
import type { CompiledResume } from "../resume/compile.ts";
import { files } from "../resume/resume-directory.ts";

/** What stands in the configuration for what only the machine that runs it knows; the script `run` puts it in. */
export const placeholders = { folder: "@folder@", root: "@root@", ...clockPlaceholders } as const;

/**
 * The configuration of a bundle in which the program resumes.
 * @param configuration the config.json of the container that was dumped. Without one, a plain container is described: its
 *   namespaces, /proc, /dev and /sys, and no limits
 * @param sourceClocks whether the container sees the source's clocks, in a time namespace
 * @throws MigrationError `usage` when it is not the configuration of a bundle
 */
export function resumeConfiguration(compiled: CompiledResume, configuration: unknown, sourceClocks: boolean): object {
  const config = (configuration ?? plainConfiguration) as Partial<RuntimeConfiguration>;
  if (config.process === undefined || config.linux?.namespaces === undefined) {
    throw new MigrationError("usage", "the file is not the config.json of an OCI bundle", {
      remedy: "Give the config.json of the container that was dumped, or leave the option out.",
    });
  }
  const resumed = resumedConfiguration(config as RuntimeConfiguration, {
    command: [files.program],
    capabilities: capabilitiesAtStart(compiled),
    mounts: resumeMounts(placeholders.folder),
    sourceClocks,
  });
  return { ...resumed, root: { path: placeholders.root } };
}

const mount = (destination: string, type: string, options: readonly string[]): BundleMount => ({
  ...{ destination, type, source: type, options },
});

/** A container as Docker makes one for a program that asks for nothing (opencontainers/runtime-spec, config-linux.md). */
const plainConfiguration: RuntimeConfiguration = {
  ociVersion: "1.0.2",
  process: { args: ["/bin/sh"], cwd: "/", env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] },
  hostname: "resumed",
  mounts: [
    mount("/proc", "proc", ["nosuid", "noexec", "nodev"]),
    mount("/dev", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    mount("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    mount("/dev/shm", "tmpfs", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
    mount("/dev/mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
    mount("/sys", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
  ],
  linux: {
    namespaces: ["pid", "mount", "network", "uts", "ipc"].map((type) => ({ type })),
    maskedPaths: ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
    readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
  },
};
