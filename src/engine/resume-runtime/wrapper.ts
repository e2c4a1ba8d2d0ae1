import { dumpConfigurationVariable } from "../../criu/dump-configuration.ts";
import { quoteWord } from "../../host/quote.ts";
import type { BundleRuntime } from "../engine-name.ts";
import { clockOffsets, clocksFile, unshareClocks } from "./clocks.ts";

/**
 * The runtime that a target's engine calls for a moved container: a shell script around the engine's own runtime
 * (runc, crun). For the first start of a container for which something is pending it either edits the bundle's config.json, so that
 * the resume program runs with what it needs, or has CRIU restore the processes instead of creating new ones; every other call, and
 * every later start, goes to the runtime as it is. So a container that is restarted starts afresh, and an old memory is never
 * resumed twice.
 */

/** How the runtime brings the processes back: by a resume program, or by CRIU. They may stand on different OCI runtimes. */
export type RuntimeKind = "resume" | "restore";

export const runtimeKinds: readonly RuntimeKind[] = ["resume", "restore"];

/** The names under which the engine knows the runtimes. */
export const runtimeNames: Readonly<Record<RuntimeKind, string>> = {
  resume: "migrate-container",
  restore: "migrate-container-restore",
};

/** Folders and files of the tool on a target. All of it is readable by root only. */
export const targetPaths = {
  root: "/var/lib/migrate-container",
  runtime: "/var/lib/migrate-container/runtime",
  restoreRuntime: "/var/lib/migrate-container/restore-runtime",
  /** CRIU with its libraries, where a move has brought it. */
  criu: "/var/lib/migrate-container/criu",
  /** `<move id>/`: a package that is being received. */
  incoming: "/var/lib/migrate-container/incoming",
  /** `<move id>/`: a dump on a source that is another machine, until it is fetched. */
  dumps: "/var/lib/migrate-container/dumps",
  /** `<container id>/`: a resume that waits for the container's first start. */
  pending: "/var/lib/migrate-container/pending",
  /** `<container id>/`: a resume that a start has taken; removed with the container's process. */
  resumed: "/var/lib/migrate-container/resumed",
  /**
   * `<container id>`: the time namespace within which the runtime is called for that container: `<boot id> <monotonic> <boottime>`, in
   * seconds. Not in the folder above, into which the container can write.
   */
  clocks: "/var/lib/migrate-container/clocks",
  /** `<container id>`: the path of the OCI runtime that has made an engine's container. */
  makers: "/var/lib/migrate-container/makers",
  /** `<container id>/`: a container of a bundle that waits for its first start, of which the OCI runtime knows nothing yet. */
  bundles: "/var/lib/migrate-container/bundles",
} as const;

/** Where the wrapper looks for resumes, puts those that were taken, and notes their clocks and who has made them. */
export interface ResumeFolders extends Readonly<Record<"pending" | "resumed" | "clocks", string>> {
  /** Undefined: the wrapper will never be one around another runtime. */
  readonly makers?: string | undefined;
}

/** The wrapper's program of each kind. */
export const runtimePaths: Readonly<Record<RuntimeKind, string>> = {
  resume: targetPaths.runtime,
  restore: targetPaths.restoreRuntime,
};

/** The same program around the runtime of bundles' containers, where they are called within clocks of their own. */
export function bundleRuntimePath(runtime: BundleRuntime): string {
  return `${targetPaths.root}/${runtime}`;
}

/** Whether an engine's runtime is one of these. */
export function isOwnRuntime(name: string): boolean {
  return Object.values(runtimeNames).includes(name);
}

/** In a pending folder: CRIU's configuration for the restore. The images lie beside it. */
export const restoreFile = "restore.conf";

/** In a pending folder, beside `restoreFile`: the folder of the program `criu`. */
export const criuPathFile = "criu-path";

/** The sed script in a pending folder that edits config.json; see bundle-edit.ts. */
export const bundleEditFile = "config.sed";

/** In a pending folder of a bundle's container, in place of `bundleEditFile`: the configuration with which the program is resumed. */
export const resumedConfigurationFile = "config.json";

/**
 * Shell code: tells CRIU, by `$here/restore.conf`, the container's own cgroup. runc does so for the hierarchies of version 1 only (libcontainer,
 * criuApplyCgroups); in version 2 the processes would go into the cgroup that they were dumped in, which Docker knows nothing of, or which is the frozen source's
 * own (opencontainers/runc#5417). `system.slice:docker:<id>` is what systemd is asked for (runc, docs/systemd.md); `a-b.slice` lies in `a.slice` (systemd.slice(5)).
 */
export const cgroupRoot = `if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  path=$(sed -n 's/.*"cgroupsPath": *"\\([^"]*\\)".*/\\1/p' "$bundle/config.json")
  case $path in
    *.slice:*:*)
      slice=\${path%%.slice:*} unit=\${path#*:} path= prefix=
      while [ -n "$slice" ] && [ "$slice" != - ]; do
        prefix=$prefix\${slice%%-*}
        path=$path/$prefix.slice
        case $slice in *-*) slice=\${slice#*-} prefix=$prefix- ;; *) slice= ;; esac
      done
      path=$path/\${unit%%:*}-\${unit#*:}.scope ;;
  esac
  [ -z "$path" ] || echo "cgroup-root /\${path#/}" >> "$here/${restoreFile}"
fi`;

/** A pattern of the shell's: what is no container's id. Engines' are hexadecimal; people choose those of bundles. */
const noId = "*[!A-Za-z0-9_+.-]*|''|.*|-*";

/**
 * Shell code: a container stays with the runtime that has made it, which alone knows it. The wrapper may be one around another by now: crun was installed, or
 * something was moved to another engine of the machine.
 */
const stayWithMaker = `if [ "$command" = create ]; then
  mkdir -p "$makers" && echo "$runtime" > "$makers/$id"
elif [ -n "$made" ]; then
  read -r maker < "$made"
  [ ! -x "$maker" ] || runtime=$maker
fi
`;

const indent = (text: string, spaces: number): string => text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));

/**
 * @param runtime absolute path of the engine's own OCI runtime on the target
 */
export function wrapperScript(runtime: string, folders: ResumeFolders = targetPaths): string {
  return `#!/bin/sh
# Written by migrate-container: brings a moved container back at its first start, and is ${runtime} for everything else.
runtime=${quoteWord(runtime)}
pending=${quoteWord(folders.pending)}
resumed=${quoteWord(folders.resumed)}
clocks=${quoteWord(folders.clocks)}
makers=${folders.makers === undefined ? "" : quoteWord(folders.makers)}
command= bundle=. previous= id= noted= made=
for argument in "$@"; do
  case $previous in --bundle|-b) bundle=$argument ;; esac
  case $argument in
    create|start|delete|checkpoint|events|exec|kill|list|pause|ps|resume|run|state|update) command=\${command:-$argument} ;;
    --bundle=*) bundle=\${argument#--bundle=} ;;
  esac
  case $argument in
    ${noId}) ;;
    *)
      [ ! -f "$clocks/$argument" ] || noted=\${noted:-$clocks/$argument}
      [ -z "$makers" ] || [ ! -f "$makers/$argument" ] || made=\${made:-$makers/$argument} ;;
  esac
  previous=$argument
done
id=$previous

# A container whose runtime was called within a time namespace is known to it only within one of the same offsets: runc and crun compare
# when its first process started, which /proc/<pid>/stat tells by the reader's clocks (fs/proc/array.c). So \`exec\` has the clocks, too.
# Notes of an earlier run of this machine mean nothing.
call() {
  if [ -n "$noted" ]; then
    read -r boot monotonic boottime < "$noted"
    read -r current < /proc/sys/kernel/random/boot_id
    if [ "$boot" = "$current" ]; then exec ${unshareClocks('"$monotonic"', '"$boottime"')} "$runtime" "$@"; fi
  fi
  exec "$runtime" "$@"
}
case $id in ${noId}) call "$@" ;; esac
if [ -n "$makers" ]; then
${indent(stayWithMaker, 2)}fi

# Taking the folder is one rename: of two starts only one can have it.
if [ "$command" = create ] && [ -d "$pending/$id" ] && [ ! -e "$resumed/$id" ] &&
  mkdir -p "$resumed" && mv "$pending/$id" "$resumed/$id" 2>/dev/null; then
  set -e
  here=$resumed/$id
  if [ -f "$here/${restoreFile}" ]; then
    # runc's \`restore\` does what \`create\` and \`start\` do together, with the same options.
    count=$#
    while [ "$count" -gt 0 ]; do
      argument=$1; shift; count=$((count - 1))
      if [ "$argument" = create ] && [ -n "$command" ]; then
        command=
        set -- "$@" restore --detach --file-locks --image-path "$here" --work-path "$here/criu"
      else
        set -- "$@" "$argument"
      fi
    done
    mkdir "$here/criu"
${indent(cgroupRoot, 4)}
    PATH=$(cat "$here/${criuPathFile}"):$PATH ${dumpConfigurationVariable}=$here/${restoreFile} "$runtime" "$@"
    echo resumed > "$here/status"
    exit 0
  fi
  if [ -f "$here/${clocksFile}" ]; then
${indent(clockOffsets, 4)}
    # The numbers are words of their own.
    if grep -q @monotonic@ "$here/${bundleEditFile}"; then
      sed -i -e "s|@monotonic@|$(json $monotonic)|;s|@boottime@|$(json $boottime)|" "$here/${bundleEditFile}"
    else
      read -r boot < /proc/sys/kernel/random/boot_id
      mkdir -p "$clocks"
      noted=$clocks/$id
      echo "$boot $(whole $monotonic) $(whole $boottime)" > "$noted"
    fi
  fi
  (umask 077 && sed -f "$here/${bundleEditFile}" "$bundle/config.json" > "$bundle/config.json.resume")
  mv "$bundle/config.json.resume" "$bundle/config.json"
  call "$@"
fi
# The processes run since \`create\`; a later start has no such folder.
if [ "$command" = start ] && [ -f "$resumed/$id/${restoreFile}" ]; then
  rm "$resumed/$id/${restoreFile}"
  exit 0
fi
if [ "$command" = delete ]; then
  (call "$@")
  status=$?
  if [ "$status" = 0 ]; then rm -f "$clocks/$id" \${makers:+"$makers/$id"}; fi
  # What a failed resume says of itself stays for the tool to read, which then removes it.
  if [ "$status" = 0 ] && [ -d "$resumed/$id" ] && grep -q '^resumed' "$resumed/$id/status"; then rm -rf "$resumed/$id"; fi
  exit "$status"
fi
call "$@"
`;
}
