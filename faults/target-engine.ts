import type { LabMachine } from "../lab/machines.ts";
import { on } from "../test/support/machine.ts";

/** What starts dockerd again as it was started, kept on the machine. */
const saved = "/run/dockerd.command";

/** Stops a machine's dockerd as its service manager would: it ends its containers first. */
export async function stopEngine(machine: LabMachine): Promise<void> {
  await on(
    machine,
    `pid=$(pidof dockerd) && cp /proc/$pid/cmdline ${saved} && kill -TERM $pid && while [ -e /proc/$pid ]; do sleep 0.1; done`,
  );
}

export async function startEngine(machine: LabMachine): Promise<void> {
  await on(
    machine,
    `if ! pidof dockerd >/dev/null; then rm -f /run/docker.pid /var/run/docker.pid; xargs -0 setsid <${saved} >>/run/dockerd.log 2>&1 & fi
     until docker version >/dev/null 2>&1; do sleep 0.1; done`,
  );
}
