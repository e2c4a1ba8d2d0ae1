/** The environment variable that marks all processes of one call. */
const markVariable = "MIGRATE_CONTAINER_CALL";

/** The command, with these environment variables and the mark of its call. */
export function markedCommand(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  mark: string,
): readonly string[] {
  const variables = Object.entries({ ...environment, [markVariable]: mark });
  return ["env", ...variables.map(([key, value]) => `${key}=${value}`), ...command];
}

/** Whether a result of `markedCommand` says that the command's program is not there. */
export function saysNotFound({ exitCode, stderr }: { readonly exitCode: number; readonly stderr: string }): boolean {
  return exitCode === 127 && /(^|\n)env: .*\n?$/.test(stderr);
}

/**
 * A command that ends every process that inherited the mark: SIGTERM, then SIGKILL after 5 s. Neither sshd nor adbd ends a command whose
 * client goes away.
 */
export function endMarked(mark: string): readonly string[] {
  return ["sh", "-c", script, "sh", `${markVariable}=${mark}`];
}

// `tr` because busybox's grep stops at the first NUL of a line.
const script = `
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
