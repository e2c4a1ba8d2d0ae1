import { dirname } from "node:path";
import { isRecentEnough, parseCriuVersion } from "../../criu/bundle/version.ts";
import type { Host } from "../../host/host.ts";
import { targetPaths } from "./wrapper.ts";

const findWorking = `
for program in "$1/bin/criu" criu; do
  version=$("$program" --version 2>/dev/null) || continue
  echo "$program"; echo "$version"; exit 0
done`;

/**
 * Sees to it that a machine has a CRIU for the restore: its own, or a copy of another machine's of the same architecture, with all its
 * libraries. It is provisional until `releaseRuntimes` keeps it.
 * @param binDirectory where the other machine has its program `criu`, in a bundle
 * @returns what is there now, for people
 * @throws MigrationError `command-failed`, `no-space`
 */
export async function provideCriu(host: Host, from: Host, binDirectory: string, signal?: AbortSignal): Promise<string> {
  const [program = "", ...text] = (await host.script(findWorking, [targetPaths.criu])).split("\n");
  const version = parseCriuVersion(text.join("\n"));
  if (version !== undefined && isRecentEnough(version)) return `${program} ${version} is there`;
  const archive = from.stream(["tar", "--create", "--exclude=./prefix/usr/share", "--directory", dirname(binDirectory), "."], {
    signal,
  });
  await host.script('umask 022; mkdir -p "$1"; : > "$1/provisional"; exec tar -x -f - -C "$1"', [targetPaths.criu], {
    input: archive,
    signal,
  });
  const sent = await host.must([`${targetPaths.criu}/bin/criu`, "--version"]);
  return `sent CRIU ${parseCriuVersion(sent)}`;
}
