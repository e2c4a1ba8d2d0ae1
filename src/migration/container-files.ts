import { lstatSync, readFileSync } from "node:fs";
import type { Host } from "../host/host.ts";
import type { ReadContainerFile } from "../resume/cpu/modules.ts";

/**
 * Reads files of a running container through its root directory.
 * @param pid a process of the container, as this machine counts
 */
export function containerFileReader(pid: number): ReadContainerFile {
  return rootFileReader(`/proc/${pid}/root`);
}

/**
 * Reads files below a root directory. No symbolic link is followed, since its target would be looked up on this machine: CRIU's
 * images name files by their real paths, so a link on the way means that it is another file.
 */
export function rootFileReader(root: string): ReadContainerFile {
  return (path) => {
    const parts = path.split("/").filter((part) => part !== "");
    if (parts.includes("..")) return undefined;
    let current = root;
    try {
      for (const part of parts) {
        current += `/${part}`;
        if (lstatSync(current).isSymbolicLink()) return undefined;
      }
      return lstatSync(current).isFile() ? readFileSync(current) : undefined;
    } catch {
      return undefined;
    }
  };
}

// Prints `<descriptor> <NSpid line>` for each: the last number of that line is the process id in its own namespace.
const semaphoresScript = `
set +e
exec 2>/dev/null
own=$(readlink "/proc/$1/ns/pid") || exit 0
ls -dln /proc/[0-9]*/ns/pid | grep -F -- "-> $own" | sed 's,.* /proc/\\([0-9]*\\)/ns/.*,\\1,' | while read -r process; do
  grep -rl '^eventfd-semaphore:[[:space:]]*1$' "/proc/$process/fdinfo" | while read -r path; do
    echo "\${path##*/} $(grep '^NSpid:' "/proc/$process/status")"
  done
done
exit 0
`;

/**
 * The eventfds of a container's processes that were made with EFD_SEMAPHORE, as far as the kernel tells (since Linux 6.5).
 * @param first a process of the container, as its machine counts
 * @returns `<pid in the container>:<descriptor>`
 * @throws MigrationError as `Host.script`
 */
export async function findSemaphores(host: Host, first: number, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const found = await host.script(semaphoresScript, [String(first)], { signal });
  return new Set(Array.from(found.matchAll(/^(\d+) NSpid:.*\s(\d+)$/gm), ([, descriptor, pid]) => `${pid}:${descriptor}`));
}
