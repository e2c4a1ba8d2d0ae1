import { clockOffsets, unshareClocks } from "../engine/resume-runtime/clocks.ts";
import { placeholders } from "./bundle.ts";

/** The script by which the compiled program is run; it needs a shell and an OCI runtime. */
export function runScript(): string {
  return `#!/bin/sh
# run ROOTFS [ID]: resumes the dumped processes in a container whose root file system is ROOTFS.
# RUNTIME names the OCI runtime (default: crun). For runtimes without time namespaces: CLOCKS=unshare has util-linux's unshare make one
# (2.36 or later), of whole seconds; CLOCKS=here leaves the machine's own clocks: sleeps and timers then end at wrong times, unless it
# is the machine of the dump. bundle/runtime calls the runtime for the container: bundle/runtime kill ID.
set -eu
[ $# -ge 1 ] && [ -d "$1" ] || { echo "usage: $0 ROOTFS [ID]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$1" && pwd) id=\${2:-resumed-$$} runtime=\${RUNTIME:-crun} within=
case \${CLOCKS:-} in ''|here|unshare) ;; *) echo "$0: CLOCKS is neither here nor unshare: $CLOCKS" >&2; exit 2 ;; esac
[ ! -s "$here/program/status" ] || { echo "$0: it has been resumed once; compile the images again" >&2; exit 1; }
: >"$here/program/status"
${clockOffsets}
mkdir -p "$here/bundle"
template=$here/\${CLOCKS:+own-clocks-}config.json
sed -e "s|${placeholders.folder}|$here/program|;s|${placeholders.root}|$root|" \\
  -e 's|${placeholders.monotonic}|'"$(json $monotonic)"'|;s|${placeholders.boottime}|'"$(json $boottime)"'|' "$template" >"$here/bundle/config.json"
if [ "\${CLOCKS:-}" = unshare ]; then within="${unshareClocks("$(whole $monotonic)", "$(whole $boottime)")}"; fi
cat >"$here/bundle/runtime" <<end
#!/bin/sh
exec $within '$runtime' "\\$@"
end
chmod 700 "$here/bundle/runtime"
exec "$here/bundle/runtime" run --bundle "$here/bundle" "$id"
`;
}
