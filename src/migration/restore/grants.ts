import type { HostRequest } from "../../checkpoint/archive/host-requests.ts";

/**
 * @param words what the user allows: `Binds=/srv:/srv` one request, `Binds` all of a field, `all` everything
 */
export function grantsOf(words: readonly string[]): (request: HostRequest) => boolean {
  const granted = new Set(words);
  return ({ field, value }) => granted.has("all") || granted.has(field) || granted.has(`${field}=${value}`);
}

/** What the container doesn't get, for people. */
export function notGranted(requests: readonly HostRequest[], isAllowed: (request: HostRequest) => boolean): string[] {
  return requests
    .filter((request) => !isAllowed(request))
    .map(({ field, value }) => `the archive asks for ${field}=${value}, which is not granted: --allow '${field}=${value}' does`);
}
