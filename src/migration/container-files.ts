import { lstatSync, readFileSync } from "node:fs";
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
