import type { OciRuntime } from "../target-facts.ts";
import { isAtLeast } from "../versions.ts";
import { linesOf } from "./sections.ts";

/**
 * The first versions that can be relied on for time namespaces. crun 1.8.4 reads `linux.timeOffsets` (NEWS: "drop custom
 * annotation to set the time namespace and use the OCI specs instead"). runc does since 1.2.0, but up to 1.2.5 `docker exec` fails
 * in such a container (CHANGELOG, 1.2.6: "properly handles joining time namespaces").
 */
export const timeNamespaceSince = { crun: "1.8.4", runc: "1.2.6" } as const;

/** The util-linux whose `unshare` has `--time`, `--monotonic` and `--boottime` (v2.36-ReleaseNotes). */
export const oldestUnshare = "2.36";

/** @param text lines of a path and the first line that `--version` prints: `/usr/bin/crun crun version 1.21` */
export function parseRuntimes(text: string): OciRuntime[] {
  const runtimes = new Map<string, OciRuntime>();
  for (const line of linesOf(text)) {
    const [, path, program, version] = /^(\/\S+) (crun|runc) version (\d+(?:\.\d+)*)/.exec(line) ?? [];
    if (path === undefined || version === undefined || (program !== "crun" && program !== "runc")) continue;
    runtimes.set(path, { path, program, version, timeNamespaces: isAtLeast(version, timeNamespaceSince[program]) });
  }
  return [...runtimes.values()].sort((a, b) => Number(b.timeNamespaces) - Number(a.timeNamespaces));
}
