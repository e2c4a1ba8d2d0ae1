import { linesOf } from "./sections.ts";

const most = 100;
/** What a runtime puts into /dev (runc, libcontainer/specconv and rootfs_linux.go; crun does the same). */
const standard = new Set(
  ["null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "fd", "stdin", "stdout", "stderr", "core"].map(
    (name) => `/dev/${name}`,
  ),
);

/**
 * What a container has put into its memory file systems.
 * @param found paths inside the container
 * @param mountInfo its /proc/self/mountinfo
 */
export function memoryFilesOf(found: string, mountInfo: string): string[] {
  const mountPoints = new Set(linesOf(mountInfo).map((line) => withoutOctal(line.split(" ")[4] ?? "")));
  return linesOf(found)
    .filter((path) => path.startsWith("/") && !standard.has(path) && !mountPoints.has(path))
    .slice(0, most);
}

/** The kernel writes white space and backslashes in octal (proc_pid_mountinfo(5)). */
function withoutOctal(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
