import { socketTables } from "./sockets.ts";

/**
 * Prints all that /proc tells of a container's processes, in few programs started, however many processes there are. It
 * changes nothing. Parameters: a marker for the beginnings of sections, the container's full id, the host's id of its first
 * process. The paths of all cgroups that Docker makes for a container contain its id, with cgroupfs and with systemd; without an id, those of
 * the first process and below are meant.
 */
export const liveScript = `
set +e
exec 2>/dev/null
LC_ALL=C; export LC_ALL
marker=$1 first=$3
section() { echo; echo "$marker $1"; }
name=$2
if [ -z "$name" ]; then
  own=$(sed -n 's/^[0-9]*:\\(.*,\\)\\{0,1\\}freezer\\(,.*\\)\\{0,1\\}://p' "/proc/$first/cgroup")
  [ -n "$own" ] || own=$(sed -n 's/^0:://p' "/proc/$first/cgroup")
  case $own in '' | /) own=/none-of-its-own ;; esac
  name=":$(printf %s "$own" | sed 's/[][\\.*^$]/\\\\&/g')\\(/\\|$\\)"
fi
pids=$(grep -ls "$name" /proc/[0-9]*/cgroup | sed 's|^/proc/\\([0-9]*\\)/cgroup$|\\1|')
files() { for pid in $pids; do printf '/proc/%s/%s ' "$pid" "$1"; done; }
section user; readlink /proc/self/ns/user
section status; grep -sH '' $(files status)
section stat; grep -sH '' $(files 'task/*/stat')
section links; ls -ln $(files exe) $(files cwd)
section descriptors; ls -ln $(files fd) $(files ns)
section kinds; ls -lnL $(files fd) $(files ns)
section maps; grep -sHE '\\(deleted\\)|anon_inode:|socket:| /dev/' $(files maps)
section personality; grep -sH '' $(files personality)
section timers; grep -sH '^ID' $(files timers)
section locks; grep -rsH '^lock:.* POSIX ' $(files fdinfo)
section deleted; find $(files fd) -maxdepth 1 -lname '/* (deleted)' -exec stat -Lc '%n %F %d:%i %s %b' {} +
section elf; for pid in $pids; do echo "$pid" $(od -An -v -tx1 -N20 "/proc/$pid/exe"); done
section net; cd "/proc/$first/net" && grep -sH '' ${socketTables.join(" ")}
section unix-peers; nsenter --net="/proc/$first/ns/net" ss -Hxa; ss -Hxa
section mounts; cat "/proc/$first/mountinfo"
section memory-files
while read -r line; do
  case $line in *' - tmpfs '* | *' - mqueue '*) ;; *) continue ;; esac
  set -- $line
  # Those are the runtime's own: what is hidden, and the cgroups.
  case $5 in /proc/* | /sys/*) continue ;; esac
  [ "$4" = / ] && find "/proc/$first/root$(printf %b "$5")" -xdev
done <"/proc/$first/mountinfo" | head -n 1000 | sed 's|^/proc/[0-9]*/root||'
exit 0
`;
