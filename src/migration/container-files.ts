import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ReadContainerFile } from "../resume/cpu/modules.ts";

/**
 * Reads files of a running container through its root directory. No symbolic link is followed, since its target would be
 * looked up on this machine: CRIU's images name files by their real paths, so a link on the way means that it is another file.
 * @param pid a process of the container, as this machine counts
 */
export function containerFileReader(pid: number): ReadContainerFile {
  const root = `/proc/${pid}/root`;
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

/**
 * The eventfds of a container's processes that were made with EFD_SEMAPHORE, as far as the kernel tells (since Linux 6.5).
 * @param first a process of the container, as this machine counts
 * @returns `<pid in the container>:<descriptor>`
 */
export function findSemaphores(first: number): ReadonlySet<string> {
  const found = new Set<string>();
  const namespace = attempt(() => readlinkSync(`/proc/${first}/ns/pid`));
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    // A process may end meanwhile; those of a frozen container do not.
    if (namespace === undefined || attempt(() => readlinkSync(`/proc/${pid}/ns/pid`)) !== namespace) continue;
    const inside = /^NSpid:.*\t(\d+)$/m.exec(attempt(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "")?.[1];
    for (const descriptor of attempt(() => readdirSync(`/proc/${pid}/fdinfo`)) ?? []) {
      const information = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "utf8")) ?? "";
      if (/^eventfd-semaphore:\s*1$/m.test(information)) found.add(`${inside}:${descriptor}`);
    }
  }
  return found;
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
