import { dirname } from "node:path";
import type { Host } from "../../host/host.ts";
import type { Criu } from "./find-criu.ts";
import { isRecentEnough, parseCriuVersion } from "./version.ts";

/**
 * Prints `<bundle or system> <path> <what it says of its version>` for each program that runs: bundles in the folders that are
 * given, the user's own (as `installCriuBundle` places it), those in PATH. A busy small machine takes many seconds to start one.
 */
const searchScript = `
set +e
exec 2>/dev/null
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
case $(uname -m) in x86_64) architecture=amd64 ;; aarch64) architecture=arm64 ;; *) architecture=none ;; esac
case \${XDG_DATA_HOME-} in /*) data=$XDG_DATA_HOME ;; *) data=\${HOME-}/.local/share ;; esac
limit=; command -v timeout >/dev/null && limit="timeout 60"
tell() {
  [ -x "$2" ] || return
  version=$($limit "$2" --version </dev/null) && echo "$1 $2 $(echo "$version" | head -n 1)"
}
for folder in "$@" "$data/migrate-container/criu/$architecture"; do tell bundle "$folder/bin/criu"; done
system=$(command -v criu) && tell system "$system"
exit 0
`;

/**
 * A CRIU on any machine that is recent enough (4.2). Each is run to see that it works.
 * @param bundles folders in which a bundle is looked for besides the user's own
 * @returns undefined when there is none
 * @throws MigrationError as `Host.script`
 */
export async function findCriuOn(host: Host, bundles: readonly string[], signal?: AbortSignal): Promise<Criu | undefined> {
  const found = await host.script(searchScript, bundles, { signal });
  return found.split("\n").flatMap(parseLine)[0];
}

function parseLine(line: string): Criu[] {
  const [, kind, program = "", words = ""] = /^(bundle|system) (\/.*\/criu) (.*)$/.exec(line) ?? [];
  const version = parseCriuVersion(words);
  if (kind === undefined || version === undefined || !isRecentEnough(version)) return [];
  return [{ binDirectory: dirname(program), program, version, bundled: kind === "bundle" }];
}
