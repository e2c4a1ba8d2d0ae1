import type { LabMachine } from "../../lab/machines.ts";
import { on } from "./machine.ts";

const start = "setsid dockerd --containerd /run/containerd/containerd.sock </dev/null >/run/dockerd.log 2>&1 &";
const waitForEnd = "until ! pidof dockerd >/dev/null; do sleep 0.2; done; rm -f /var/run/docker.sock";
const waitForStart = "until docker version >/dev/null 2>&1; do sleep 0.5; done";

/** Stops an emulated machine's Docker and takes its program away. @returns what puts both back */
export async function removeDocker(machine: LabMachine): Promise<AsyncDisposable> {
  await on(machine, `kill $(pidof dockerd); ${waitForEnd}; mv /usr/sbin/dockerd /usr/sbin/dockerd.away`);
  return {
    [Symbol.asyncDispose]: async () => {
      await on(machine, `mv /usr/sbin/dockerd.away /usr/sbin/dockerd; ${start} ${waitForStart}`);
    },
  };
}

/**
 * Stops an emulated machine's Docker. Its package's start script, which needs more of Debian than the machine has, is replaced by one that
 * works. @returns what puts the script back, and starts Docker if it isn't running
 */
export async function stopDocker(machine: LabMachine): Promise<AsyncDisposable> {
  const script = "/etc/init.d/docker";
  await on(
    machine,
    `kill $(pidof dockerd); ${waitForEnd}; mv ${script} ${script}.away
     printf '%s\\n' '#!/bin/sh' '[ "$1" = start ] || exit 2' '${start}' >${script}; chmod 755 ${script}`,
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await on(machine, `mv ${script}.away ${script}; pidof dockerd >/dev/null || { ${start} }; ${waitForStart}`);
    },
  };
}
