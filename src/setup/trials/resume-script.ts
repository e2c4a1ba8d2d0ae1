import { trialFunctions } from "./dump-script.ts";

/**
 * Runs a compiled tiny container and waits until its program goes on. Standard input: a tar archive of `rootfs` and of what was
 * compiled, `resume`. Parameters: the folder to work in, which is made and removed again; the runtime; the container's id; how often it had
 * ticked at the dump; `CLOCKS` for the script that runs it.
 */
export const resumeScript = `
folder=$1 runtime=$2 id=$3 before=$4
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
clear() {
  "$folder/resume/bundle/runtime" delete --force "$id" >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap clear EXIT
trap 'exit 129' HUP INT TERM
${trialFunctions}
mkdir "$folder"
tar -x -f - -C "$folder"
CLOCKS=$5 RUNTIME=$runtime sh "$folder/resume/run" "$folder/rootfs" "$id" </dev/null >"$folder/said" 2>&1 &
runner=$!
if ! goes_on "$((before + 2))"; then
  cat "$folder/resume/program/status" "$folder/said" | tail -n 3 >&2
  echo "$(ticks) ticks, $before at the dump" >&2
  exit 14
fi
echo "resumed $(ticks)"
`;
