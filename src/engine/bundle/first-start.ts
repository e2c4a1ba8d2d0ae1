import { runtimeLibrariesFolder } from "../../criu/bundle/wrapper.ts";
import { dumpConfigurationVariable } from "../../criu/dump-configuration.ts";
import { clockPlaceholders } from "../resume-runtime/bundle-configuration.ts";
import { clockOffsets, clocksFile } from "../resume-runtime/clocks.ts";
import {
  bundleRuntimePath,
  cgroupRoot,
  criuPathFile,
  restoreFile,
  resumedConfigurationFile,
  targetPaths,
} from "../resume-runtime/wrapper.ts";
import { failure, type RuntimeProgram } from "./read-containers.ts";

/** Milliseconds that a start may take which is called off. */
const startMs = 30_000;

// Without the waiting container's folder nothing is started any more: so a start is called off whose link broke. The bundle has the resume's
// configuration only until the runtime has read it: before the program may go on, it has its own again, which `exec` and later starts read.
// Taking the pending folder is one rename: an old memory is never resumed twice.
const script = `program=$1 own=$2 id=$3 entry=$4 pending=$5 here=$6 clocks=$7
bundle=$(cat "$entry/bundle")
[ ! -x "$own" ] || program=$own
log=$entry/log flags=
if grep -q '"cgroupsPath": *"[^":]*:[^":]*:' "$entry/config.json"; then flags=--systemd-cgroup; fi
use() { cp "$1" "$bundle/config.json.new"; mv "$bundle/config.json.new" "$bundle/config.json"; }
call() {
  "$program" --log "$log" $flags "$@" </dev/null >/dev/null 2>&1 && return
  cat "$log" >&2; exit 1
}
if [ -d "$pending" ]; then
  mv "$pending" "$here"
  if [ -f "$here/${restoreFile}" ]; then
    use "$entry/config.json"
    mkdir "$here/criu"
    ${cgroupRoot}
    criu=$(cat "$here/${criuPathFile}")
    # As for a dump: crun loads libcriu.
    if [ -d "\${criu%/*}/${runtimeLibrariesFolder}" ]; then LD_LIBRARY_PATH=\${criu%/*}/${runtimeLibrariesFolder}; export LD_LIBRARY_PATH; fi
    PATH=$criu:$PATH ${dumpConfigurationVariable}=$here/${restoreFile}; export PATH ${dumpConfigurationVariable}
    call restore --detach --file-locks --image-path "$here" --work-path "$here/criu" --bundle "$bundle" "$id"
    rm "$here/${restoreFile}"
    echo resumed >"$here/status"
    exit 0
  fi
  if [ -f "$here/${clocksFile}" ]; then
    ${clockOffsets}
    if grep -q '${clockPlaceholders.monotonic}' "$here/${resumedConfigurationFile}"; then
      sed -i -e 's|${clockPlaceholders.monotonic}|'"$(json $monotonic)"'|;s|${clockPlaceholders.boottime}|'"$(json $boottime)"'|' "$here/${resumedConfigurationFile}"
    else
      read -r boot </proc/sys/kernel/random/boot_id
      mkdir -p "$clocks"
      echo "$boot $(whole $monotonic) $(whole $boottime)" >"$clocks/$id"
    fi
  fi
  use "$here/${resumedConfigurationFile}"
else
  use "$entry/config.json"
fi
call create --bundle "$bundle" "$id"
use "$entry/config.json"
call start "$id"`;

// A start of its own may still be under way, when a link broke: it gets no further than to what it has begun, and that is waited for. What is
// looked for must be in no command line of this.
const removeScript = `rm -rf "$1/$3"
attempts=0
while echo "$2/$3" | grep -qsaF -f - /proc/[0-9]*/cmdline; do
  [ "$attempts" -lt ${startMs / 100} ] || { echo "its start is still under way" >&2; exit 1; }
  attempts=$((attempts + 1)); sleep 0.1
done`;

/** Sees to it that a container is not started any more. @throws MigrationError `command-failed` when its start is still under way */
export async function callOff({ host }: RuntimeProgram, id: string): Promise<void> {
  await host.script(removeScript, [targetPaths.bundles, targetPaths.resumed, id]);
}

/**
 * Starts a container that waits: what is pending for it is resumed, or restored by CRIU. Its standard descriptors are /dev/null.
 * @throws MigrationError `engine-request-failed`
 */
export async function startFirst(program: RuntimeProgram, id: string): Promise<void> {
  const { bundles, pending, resumed, clocks } = targetPaths;
  // By the last of these folders `callOff` sees that a start is under way.
  const folders = [bundles, pending, resumed].map((folder) => `${folder}/${id}`);
  const words = ["sh", "-euc", script, "sh", program.path, bundleRuntimePath(program.name), id, ...folders, clocks];
  const { exitCode, stderr } = await program.host.run(words);
  if (exitCode !== 0) throw failure(program, `start ${id}`, stderr);
}
