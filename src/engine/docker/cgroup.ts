import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

// Finds the directory of the cgroup that freezes process $1: version 1's freezer hierarchy, else version 2.
const findCgroup = `
path=$(sed -n 's/^[0-9]*:\\(.*,\\)\\{0,1\\}freezer\\(,.*\\)\\{0,1\\}://p' "/proc/$1/cgroup"); kind=' - cgroup .*freezer'
if [ -z "$path" ]; then path=$(sed -n 's/^0:://p' "/proc/$1/cgroup"); kind=' - cgroup2 '; fi
mount=$(grep -m 1 -e "$kind" /proc/self/mountinfo | cut -d ' ' -f 5)
directory=$mount$path
[ -n "$mount" ] && [ -n "$path" ] && [ "$path" != / ] && [ -d "$directory" ] || { echo "no cgroup of process $1 that freezes it" >&2; exit 1; }
`;

/**
 * All processes of the cgroup of `pid`, those in cgroups below it too.
 * @throws MigrationError `command-failed`
 */
export async function cgroupProcesses(host: Host, pid: number): Promise<number[]> {
  assertPid(host, pid);
  const output = await host.script(`${findCgroup}\nfind "$directory" -name cgroup.procs -exec cat {} +`, [String(pid)]);
  return output
    .split("\n")
    .filter((line) => line !== "" && line !== "0")
    .map(Number);
}

/**
 * Whether the kernel itself says that the cgroup of `pid` is frozen, whatever the engine believes.
 * @throws MigrationError `command-failed`
 */
export async function isFrozen(host: Host, pid: number): Promise<boolean> {
  assertPid(host, pid);
  const read = `
if [ -f "$directory/freezer.state" ]; then cat "$directory/freezer.state"; else grep '^frozen ' "$directory/cgroup.events"; fi`;
  const state = (await host.script(findCgroup + read, [String(pid)])).trim();
  return state === "FROZEN" || state === "frozen 1";
}

// Process 0 or 1 here would mean the machine's own processes.
function assertPid(host: Host, pid: number): void {
  if (pid > 1) return;
  throw new MigrationError("engine-request-failed", `the engine names process ${pid} as a container's first process`, {
    host: host.name,
  });
}
