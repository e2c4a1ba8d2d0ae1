import { join } from "node:path";
import type { Host } from "../../host/host.ts";
import { installYourself, setupError } from "./setup-error.ts";

/**
 * The package mirrors that this machine uses, the likeliest Debian one first: a mirror has several suites of a release,
 * a third party's repository one. What is not Debian's fails later, by its signature.
 * @param state a folder for apt's own files, so that nothing of the system is touched
 * @returns addresses without a slash at the end; never empty
 * @throws MigrationError `setup-failed` when the machine has no apt or no source
 */
export async function packageMirrors(host: Host, state: string, signal?: AbortSignal): Promise<readonly string[]> {
  // Printing what an update would fetch has apt itself read all forms of source files, without fetching anything.
  const uris = await host
    .must(["apt-get", "-o", `Dir::State::Lists=${join(state, "lists")}`, "update", "--print-uris"], { signal })
    .catch((cause: unknown) => {
      throw setupError("this needs apt, of Debian or a system like it", installYourself, cause);
    });
  const suites = Array.from(uris.matchAll(/^'(.+)\/dists\/[^']+\/InRelease'/gm), (match) => match[1]!);
  const mirrors = Map.groupBy(suites, (mirror) => mirror);
  if (mirrors.size === 0) {
    throw setupError("apt has no package source on this machine", `Add Debian's package source. ${installYourself}`);
  }
  return [...mirrors].sort(([, left], [, right]) => right.length - left.length).map(([mirror]) => mirror);
}
