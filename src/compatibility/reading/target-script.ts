import { unshareClocks } from "../../engine/resume-runtime/clocks.ts";
import { targetPaths } from "../../engine/resume-runtime/wrapper.ts";
import { beginSections } from "./sections.ts";
import { socketTables } from "./sockets.ts";

/**
 * Prints what decides whether a container can be resumed on a machine. It must run under any POSIX shell; what is missing
 * leaves its section empty. Parameters: a marker for the beginnings of sections, then OCI runtimes that the engine names.
 */
export const targetScript = `${beginSections}
section boot; cat /proc/sys/kernel/random/boot_id
section time-namespace; [ -e /proc/self/ns/time ] && echo yes
# With a namespace more: some systems' profile for \`unshare\` takes its programs' capabilities.
section unshare; ${unshareClocks("1", "1")} unshare --mount cat /proc/self/timens_offsets
section apparmor; cat /sys/kernel/security/apparmor/profiles
section tools
for tool in sed sha256sum; do command -v "$tool"; done
tar --version | head -n 1
section read-only; folder=${targetPaths.root}
while [ ! -d "$folder" ]; do folder=\${folder%/*}; folder=\${folder:-/}; done
[ -w "$folder" ] || echo "$folder"
section net; cd /proc/net && grep -sH '' ${socketTables.filter((table) => /^(tcp|udp)/.test(table)).join(" ")}
section addresses; cat /proc/net/fib_trie
section addresses6; cat /proc/net/if_inet6
section runtimes; asked=
# crun starts nothing where cgroups of version 2 have controllers beside those of version 1 (libcrun/cgroup.c).
mixed=$(cat /sys/fs/cgroup/unified/cgroup.controllers)
for program in "$@" crun runc; do
  path=$(command -v "$program")
  case $path in /*) ;; *) continue ;; esac
  case $asked in *" $path "*) continue ;; esac
  asked="$asked $path "
  version=$("$path" --version </dev/null | head -n 1)
  case "$mixed/$version" in ?*"/crun "*) ;; *) echo "$path $version" ;; esac
done
exit 0
`;
