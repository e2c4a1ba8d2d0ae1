import { commandLine, type EmulatorStart } from "../../resume/emulators/emulator.ts";
import { files, resumeDirectory } from "../../resume/resume-directory.ts";
import { type ResumeFolders, targetPaths } from "./wrapper.ts";

export interface BundleEdit {
  /** The target container's full id. */
  readonly containerId: string;
  /** Capability sets with which the resume program starts, as `CAP_…` names. */
  readonly capabilities: { readonly bounding: readonly string[]; readonly inheritable: readonly string[] };
  /** Whether the runtime gives the container a time namespace of its own, its offsets filled in by the wrapper. */
  readonly timeNamespace: boolean;
  /** The emulator that runs the program; undefined: the kernel starts it. */
  readonly emulator?: EmulatorStart | undefined;
}

/** A mount of the OCI runtime specification. */
export interface BundleMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** What a resume program needs in its container: its own folder, the file that sets the next pid, and an emulator that is started by name. */
export function resumeMounts(folder: string, emulator?: EmulatorStart): BundleMount[] {
  const bind = (destination: string, source: string): BundleMount => ({
    ...{ destination, type: "bind", source, options: ["bind", "rw", "rprivate", "nosuid"] },
  });
  return [
    bind(resumeDirectory, folder),
    bind("/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/ns_last_pid"),
    ...(emulator === undefined ? [] : [bind(files.emulator, emulator.path)]),
  ];
}

/**
 * The sed script that turns a bundle's config.json, as Docker writes it (one line, no spaces, keys in fixed order), into
 * one for the resume program:
 * - the program is put before the container's own arguments, and runs as root, to put on the process's own ids itself;
 * - it has the capabilities that rebuilding needs, and drops what the process did not have;
 * - its folder is mounted under /dev, and /proc/sys/kernel/ns_last_pid stays writable while /proc/sys is read-only (a mount
 *   that runc allows below /proc by name, libcontainer/rootfs_linux.go; the file acts on the namespace of who writes);
 * - the container gets a time namespace with the source's clocks, where the runtime makes it.
 */
export function bundleEditScript(
  { containerId, capabilities, timeNamespace, emulator }: BundleEdit,
  folders: ResumeFolders = targetPaths,
): string {
  const list = (names: readonly string[]): string => JSON.stringify(names);
  const { bounding, inheritable } = capabilities;
  const sets = `{"bounding":${list(bounding)},"effective":${list(bounding)},"inheritable":${list(inheritable)},"permitted":${list(bounding)}}`;
  const mounts = resumeMounts(`${folders.resumed}/${containerId}`, emulator).map((mount) => JSON.stringify(mount));
  const command = emulator === undefined ? [files.program] : commandLine(emulator, files);
  return [
    `s|"args":\\[|"args":[${command.map((word) => JSON.stringify(word)).join(",")},|`,
    `s|"user":{[^}]*}|"user":{"uid":0,"gid":0}|`,
    `s|"capabilities":{[^}]*}|"capabilities":${sets}|`,
    `s|{"destination":"/dev","type":"tmpfs"[^}]*}|&,${mounts.join(",")}|`,
    ...(timeNamespace
      ? [
          `s|"linux":{|"linux":{"timeOffsets":{"monotonic":@monotonic@,"boottime":@boottime@},|`,
          `s|"namespaces":\\[|"namespaces":[{"type":"time"},|`,
        ]
      : []),
    "",
  ].join("\n");
}
