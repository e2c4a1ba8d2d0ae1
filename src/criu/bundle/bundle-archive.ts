import type { Readable } from "node:stream";
import type { Host } from "../../host/host.ts";

/** A bundle as a tar archive, to be sent to another machine. Documentation, most of its files, is left out. @param bundle its folder on the host */
export function bundleArchive(host: Host, bundle: string, signal?: AbortSignal): Readable {
  return host.stream(["tar", "--create", "--exclude=./prefix/usr/share", "--directory", bundle, "."], { signal });
}
