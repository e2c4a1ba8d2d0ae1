/** The environment variable that marks all processes of one call. */
export const markVariable = "MIGRATE_CONTAINER_CALL";

/**
 * A script that ends every process that inherited the mark: SIGTERM, then SIGKILL after 5 s. Neither sshd nor adbd ends a command whose client
 * goes away. `tr` because busybox's grep stops at the first NUL of a line.
 */
export const endMarked = `
marked() {
  for directory in /proc/[0-9]*; do
    if tr '\\0' '\\n' <"$directory/environ" 2>/dev/null | grep -qxF -- "$1"; then echo "\${directory#/proc/}"; fi
  done
}
for try in 1 2 3 4 5 6; do
  pids=$(marked "$1")
  [ -n "$pids" ] || exit 0
  if [ "$try" = 6 ]; then kill -KILL $pids; elif [ "$try" = 1 ]; then kill -TERM $pids; fi 2>/dev/null || true
  if [ "$try" = 1 ]; then sleep 0.2 2>/dev/null || sleep 1; else sleep 1; fi
done`;
