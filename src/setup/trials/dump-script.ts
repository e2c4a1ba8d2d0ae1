/**
 * Shell functions of the trials. `ticks` prints how often the program has ticked; `goes_on N` waits until it has more often than N;
 * `why FILE` prints the errors in a log of CRIU.
 */
export const trialFunctions = `
ticks() { if [ -e "$folder/rootfs/ticks" ]; then wc -c <"$folder/rootfs/ticks" | tr -d ' '; else echo 0; fi; }
pause() { sleep 0.2 2>/dev/null || sleep 1; }
goes_on() {
  left=150
  until [ "$(ticks)" -gt "$1" ]; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    pause
  done
}
why() { grep 'Error (' "$1" 2>/dev/null | tail -n 3 >&2 || true; }
`;

/**
 * Runs a tiny container, dumps it with CRIU, restores it, and tells how often it had ticked before and after. Standard input: the
 * bundle. Parameters: the folder to work in, which is made and removed again; the runtime; CRIU's folder; the container's id;
 * \`restore\`, or \`dump\` to leave the folder with the images for the caller.
 */
export const dumpScript = `
folder=$1 runtime=$2 id=$4 purpose=$5
PATH=$3:$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
keep=
clear() {
  "$runtime" --root "$folder/state" delete --force "$id" >/dev/null 2>&1 || true
  [ -n "$keep" ] || rm -rf "$folder"
}
trap clear EXIT
trap 'exit 129' HUP INT TERM
${trialFunctions}
# A standard file outside of the container, other than /dev/null, could not be dumped.
call() { "$runtime" --root "$folder/state" --log "$folder/said" "$@" </dev/null >/dev/null 2>&1 || { tail -n 3 "$folder/said" >&2; return 1; }; }
mkdir "$folder"
: >"$folder/said"
tar -x -f - -C "$folder"
call run --detach --bundle "$folder" "$id" || { echo "the runtime can't start it" >&2; exit 11; }
goes_on 2 || { echo "the container's program does not run" >&2; exit 11; }
if ! call checkpoint --empty-ns network --image-path "$folder/images" --work-path "$folder/criu" "$id"; then
  why "$folder/criu/dump.log"; exit 12
fi
before=$(ticks)
echo "dumped $before"
if [ "$purpose" = dump ]; then keep=yes; exit 0; fi
if ! call restore --detach --empty-ns network --image-path "$folder/images" --work-path "$folder/criu" --bundle "$folder" "$id"; then
  why "$folder/criu/restore.log"; exit 13
fi
goes_on "$((before + 2))" || { echo "it does not go on after the restore: $(ticks) ticks, $before at the dump" >&2; exit 13; }
echo "restored $(ticks)"
`;
