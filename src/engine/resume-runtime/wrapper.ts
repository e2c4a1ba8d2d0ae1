import { quoteWord } from "../../host/quote.ts";

/**
 * The runtime that a target's engine calls for a resumed container: a shell script around the engine's own runtime
 * (runc, crun). For the first start of a container for which a resume is pending it edits the bundle's config.json, so that the
 * resume program runs with what it needs; every other call, and every later start, goes to the runtime as it is. So a
 * container that is restarted starts afresh, and an old memory is never resumed twice.
 */

/** The name under which the engine knows the runtime. */
export const resumeRuntimeName = "migrate-container";

/** Folders and files of the tool on a target. All of it is readable by root only. */
export const targetPaths = {
  root: "/var/lib/migrate-container",
  runtime: "/var/lib/migrate-container/runtime",
  /** `<container id>/`: a resume that waits for the container's first start. */
  pending: "/var/lib/migrate-container/pending",
  /** `<container id>/`: a resume that a start has taken; removed with the container's process. */
  resumed: "/var/lib/migrate-container/resumed",
} as const;

/** Where the wrapper looks for resumes, and puts those that were taken. */
export type ResumeFolders = Readonly<Record<"pending" | "resumed", string>>;

/** The sed script in a pending folder that edits config.json; see bundle-edit.ts. */
export const bundleEditFile = "config.sed";
/** The clocks that the container must see, in a pending folder: `<monotonic s> <ns> <boottime s> <ns>`. */
export const clocksFile = "clocks";

/**
 * Shell code: sets `monotonic` and `boottime` to what a time namespace needs for the clocks in `$here/clocks`: they minus
 * this machine's, as OCI's timeOffsets have it.
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
  printf '{"secs":%s,"nanosecs":%s}' "$s" "$n"
}
monotonic=$(offset "$ms" "$mn" "$ts" "$tail")
boottime=$(offset "$bs" "$bn" "$us" "$un")`;

const indent = (text: string, spaces: number): string => text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));

/**
 * @param runtime absolute path of the engine's own OCI runtime on the target
 */
export function wrapperScript(runtime: string, folders: ResumeFolders = targetPaths): string {
  return `#!/bin/sh
# The OCI runtime "${resumeRuntimeName}", written by migrate-container: resumes a moved container at its first start,
# and is ${runtime} for everything else.
runtime=${quoteWord(runtime)}
pending=${quoteWord(folders.pending)}
resumed=${quoteWord(folders.resumed)}
command= bundle=. previous= id=
for argument in "$@"; do
  case $previous in --bundle|-b) bundle=$argument ;; esac
  case $argument in create|delete) command=\${command:-$argument} ;; --bundle=*) bundle=\${argument#--bundle=} ;; esac
  previous=$argument
done
id=$previous
case $id in *[!0-9a-f]*|'') exec "$runtime" "$@" ;; esac

# Taking the folder is one rename: of two starts only one can have it.
if [ "$command" = create ] && [ -d "$pending/$id" ] && [ ! -e "$resumed/$id" ] &&
  mkdir -p "$resumed" && mv "$pending/$id" "$resumed/$id" 2>/dev/null; then
  set -e
  here=$resumed/$id
  if [ -f "$here/${clocksFile}" ]; then
${indent(clockOffsets, 4)}
    sed -i -e "s|@monotonic@|$monotonic|;s|@boottime@|$boottime|" "$here/${bundleEditFile}"
  fi
  (umask 077 && sed -f "$here/${bundleEditFile}" "$bundle/config.json" > "$bundle/config.json.resume")
  mv "$bundle/config.json.resume" "$bundle/config.json"
  exec "$runtime" "$@"
fi
if [ "$command" = delete ]; then
  "$runtime" "$@"
  status=$?
  # What a failed resume says of itself stays for the tool to read, which then removes it.
  if [ "$status" = 0 ] && [ -d "$resumed/$id" ] && grep -q '^resumed' "$resumed/$id/status"; then rm -rf "$resumed/$id"; fi
  exit "$status"
fi
exec "$runtime" "$@"
`;
}
