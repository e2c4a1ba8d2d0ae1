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

// The bundle has the resume's configuration only until the runtime has read it: before the program may go on, it has its own again, which
// \`exec\` and later starts read. Taking the pending folder is one rename: an old memory is never resumed twice.
const script = `program=$1 own=$6 clocks=$7 id=$2 entry=$3/$2 pending=$4/$2 here=$5/$2
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

/**
 * Starts a container that waits: what is pending for it is resumed, or restored by CRIU. Its standard descriptors are /dev/null.
 * @throws MigrationError `engine-request-failed`
 */
export async function startFirst(program: RuntimeProgram, id: string): Promise<void> {
  const { bundles, pending, resumed, clocks } = targetPaths;
  const parameters = [program.path, id, bundles, pending, resumed, bundleRuntimePath(program.name), clocks];
  const words = ["sh", "-euc", script, "sh", ...parameters];
  const { exitCode, stderr } = await program.host.run(words);
  if (exitCode !== 0) throw failure(program, `start ${id}`, stderr);
}
