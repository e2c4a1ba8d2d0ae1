/**
 * How a moved container gets the source's clocks (CLOCK_MONOTONIC, CLOCK_BOOTTIME), which began with the source's start: in a time
 * namespace, made by the OCI runtime, or by util-linux's `unshare`, within which a runtime is called that knows no time namespaces.
 */
export type ClockKeeper = "runtime" | "unshare";

/** The clocks that the container must see, in a pending folder: `<monotonic s> <ns> <boottime s> <ns>`. */
export const clocksFile = "clocks";

/**
 * Shell code: sets `monotonic` and `boottime` to what a time namespace needs for the clocks in `$here/clocks`: they minus
 * this machine's, as seconds and nanoseconds. `json` makes of them what OCI's timeOffsets are, `whole` what `unshare` takes: the next
 * second, so that no clock goes back; it is ahead by less than one.
 */
export const clockOffsets = `# Time namespace offsets: the source's clocks minus this machine's, both in seconds and nanoseconds.
read -r ms mn bs bn < "$here/${clocksFile}"
now=$(sed -n 's/^now at \\([0-9]*\\) nsecs.*/\\1/p' /proc/timer_list | head -n 1)
read -r up _ < /proc/uptime
us=\${up%.*} un=\${up#*.}0000000
if [ -n "$now" ]; then
  case $now in
    ?????????*?) tail=$(printf %s "$now" | sed 's/.*\\(.........\\)$/\\1/') ts=\${now%?????????} ;;
    *) tail=$now ts=0 ;;
  esac
else
  ts=$us tail=$un
fi
strip() { v=$1; while [ "\${v#0}" != "$v" ] && [ "$v" != 0 ]; do v=\${v#0}; done; printf %s "$v"; }
offset() { # source seconds, nanoseconds, own seconds, nanoseconds
  s=$(($(strip "$1") - $(strip "$3"))) n=$(($(strip "$2") - $(strip "$4")))
  if [ "$n" -lt 0 ]; then n=$((n + 1000000000)) s=$((s - 1)); fi
  echo "$s $n"
}
json() { printf '{"secs":%s,"nanosecs":%s}' "$1" "$2"; }
whole() { echo $(($1 + ($2 > 0))); }
monotonic=$(offset "$ms" "$mn" "$ts" "$tail")
boottime=$(offset "$bs" "$bn" "$us" "$un")`;

/**
 * The begin of a shell command that runs another in a new time namespace, and ends with its status. The other is a child, since an exec
 * alone changes to the namespace on newer kernels only (fs/exec.c, timens_on_fork), and is killed with its parent.
 * @param monotonic offset in seconds, a shell word; as `boottime`
 */
export function unshareClocks(monotonic: string, boottime: string): string {
  return `unshare --time --kill-child --monotonic=${monotonic} --boottime=${boottime} --`;
}
