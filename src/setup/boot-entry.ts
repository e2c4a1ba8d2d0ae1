import { quoteWord } from "../host/quote.ts";
import type { Init } from "./system.ts";

/** A file that has something registered when a machine starts. */
export interface BootEntry {
  readonly path: string;
  readonly mode: "644" | "755";
  readonly content: string;
  /** A command that makes the system know it. */
  readonly enable?: string;
}

const comment = "# Written by migrate-container setup.";

/** What registers a line in binfmt_misc at every start. systemd reads binfmt.d(5) itself; others run a script. */
export function bootEntry(init: Init, line: string): BootEntry {
  const script = (head: string) => `${head}
${comment}
directory=/proc/sys/fs/binfmt_misc
modprobe binfmt_misc 2>/dev/null
[ -e $directory/register ] || mount -t binfmt_misc binfmt_misc $directory
printf %s ${quoteWord(line)} >$directory/register
`;
  switch (init) {
    case "systemd":
      return { path: "/etc/binfmt.d/migrate-container.conf", mode: "644", content: `${comment}\n${line}\n` };
    case "openrc":
      return {
        ...{ path: "/etc/local.d/migrate-container-binfmt.start", mode: "755", content: script("#!/bin/sh") },
        enable: "rc-update add local default",
      };
    case "sysv":
      return {
        ...{ path: "/etc/init.d/migrate-container-binfmt", mode: "755", content: script(initHead) },
        enable: "update-rc.d migrate-container-binfmt defaults",
      };
    case "service.d":
      return { path: "/data/adb/service.d/migrate-container-binfmt.sh", mode: "755", content: script("#!/system/bin/sh") };
  }
}

// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/initscrcomconv.html
const initHead = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          migrate-container-binfmt
# Required-Start:    $local_fs
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: the x86_64 emulator for moved containers
### END INIT INFO
[ "$1" = start ] || exit 0`;
