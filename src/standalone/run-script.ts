import { clockOffsets } from "../engine/resume-runtime/wrapper.ts";
import { placeholders } from "./bundle.ts";

/** The script by which the compiled program is run; it needs a shell and an OCI runtime. */
export function runScript(): string {
  return `#!/bin/sh
# run ROOTFS [ID]: resumes the dumped processes in a container whose root file system is ROOTFS.
# RUNTIME names the OCI runtime (default: crun). CLOCKS=here leaves the machine's own clocks, for runtimes without time
# namespaces; sleeps and timers then end at wrong times, unless it is the machine of the dump.
set -eu
[ $# -ge 1 ] && [ -d "$1" ] || { echo "usage: $0 ROOTFS [ID]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$1" && pwd) id=\${2:-resumed-$$} runtime=\${RUNTIME:-crun}
[ ! -s "$here/program/status" ] || { echo "$0: it has been resumed once; compile the images again" >&2; exit 1; }
: >"$here/program/status"
${clockOffsets}
mkdir -p "$here/bundle"
template=$here/\${CLOCKS:+own-clocks-}config.json
sed -e "s|${placeholders.folder}|$here/program|;s|${placeholders.root}|$root|" \\
  -e 's|${placeholders.monotonic}|'"$monotonic"'|;s|${placeholders.boottime}|'"$boottime"'|' "$template" >"$here/bundle/config.json"
exec "$runtime" run --bundle "$here/bundle" "$id"
`;
}
