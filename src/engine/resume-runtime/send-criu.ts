import { dirname } from "node:path";
import { Readable } from "node:stream";
import { bundleArchive } from "../../criu/bundle/bundle-archive.ts";
import type { Host } from "../../host/host.ts";
import { countBytes } from "../../transfer/count-bytes.ts";
import { targetPaths } from "./wrapper.ts";

/**
 * Brings a CRIU with all its libraries to a machine of the same architecture, for restores there. It is provisional until `releaseRuntimes` keeps it.
 * @param bundled the folder of the program `criu` in a bundle on the other machine
 * @param onBytes told the bytes of each piece that is sent
 * @returns the folder of the program on the machine
 * @throws MigrationError `command-failed`, `no-space`
 */
export async function sendCriu(
  host: Host,
  from: Host,
  bundled: string,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  await host.script('umask 022; mkdir -p "$1"; : > "$1/provisional"; exec tar -x -f - -C "$1"', [targetPaths.criu], {
    input: Readable.from(countBytes(onBytes)(bundleArchive(from, dirname(bundled), signal))),
    signal,
  });
  return `${targetPaths.criu}/bin`;
}
