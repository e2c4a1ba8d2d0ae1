import { setTimeout } from "node:timers/promises";
import { isAtLeast } from "../../compatibility/versions.ts";
import { DockerEngine } from "../../engine/docker/engine.ts";
import { oldestMajor } from "../../engine/podman/engine.ts";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Examination, Item } from "../item.ts";
import type { MachineFacts } from "../machine-facts.ts";
import type { SystemFacts } from "../system.ts";
import { aptInstall } from "./apt.ts";

/** How a Docker that is installed is started; undefined where nothing is known that does it. */
function startCommand({ init, hasDockerScript }: SystemFacts): string | undefined {
  if (init === "systemd") return "systemctl enable --now docker";
  if (init === "openrc") return "rc-update add docker default && rc-service docker start";
  return hasDockerScript ? "/etc/init.d/docker start" : undefined;
}

export const engine: Item = {
  name: "engine",
  title: "Docker",
  examine({ target: { engine: found }, system }) {
    if (found === undefined) return withoutEngine(system);
    const name = `Docker ${found.version}, storage driver ${found.storageDriver}`;
    if (!isAtLeast(found.version, "20.10")) {
      return { state: "blocked", found: name, remedy: "Install Docker 20.10 or later there." };
    }
    if (found.containerdImageStore || found.storageDriver !== "overlay2") {
      return {
        state: "blocked",
        found: found.containerdImageStore ? `Docker ${found.version} keeps images in containerd's store` : name,
        remedy:
          'Set "storage-driver": "overlay2" in its daemon.json (and "features": {"containerd-snapshotter": false} for Docker 29 and later). Its images and containers have to be made anew then.',
      };
    }
    return { state: "good", found: name };
  },
  async mend(context) {
    const { facts, host, signal, onProgress } = context;
    const wasInstalled = facts.system.hasDockerd;
    if (!wasInstalled) await aptInstall(context, ["docker.io"]);
    onProgress("starting Docker");
    // Debian's package has the script, whatever starts the machine.
    const command = startCommand({ ...facts.system, hasDockerScript: facts.system.hasDockerScript || !wasInstalled });
    if (command !== undefined) await host.script(`PATH=$PATH:/usr/sbin:/sbin\n{ ${command}; } </dev/null >&2`, [], { signal });
    await waitForEngine(host, signal);
  },
};

/** Milliseconds. */
const startTimeMs = 180_000;

/** Its socket is there a while before the daemon answers. @throws MigrationError `engine-unavailable`, `target-unreachable`, `cancelled` */
async function waitForEngine(host: Host, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + startTimeMs;
  for (;;) {
    try {
      await DockerEngine.open(host);
      return;
    } catch (error) {
      if (!(error instanceof MigrationError) || Date.now() > deadline) throw error;
    }
    await setTimeout(1_000, undefined, signal === undefined ? {} : { signal });
  }
}

function withoutEngine(system: MachineFacts["system"]): Examination {
  if (system.hasDockerd) {
    const found = "Docker is installed but does not answer";
    const command = startCommand(system);
    return command === undefined
      ? { state: "blocked", found, remedy: "Start it there: run `dockerd` as root, and let it be started with the machine." }
      : { state: "mendable", found, changes: [`start it (${command})`] };
  }
  if (system.podman !== undefined && Number.parseInt(system.podman, 10) >= oldestMajor) {
    return {
      state: "limited",
      found: `no Docker, but Podman ${system.podman}`,
      remedy: "Containers come into Podman by `resume` and `replatform`. For `restore`, install Docker there.",
    };
  }
  const found = "no Docker answers, and no dockerd is installed";
  if (system.hasApt) return { state: "mendable", found, changes: ["install docker.io with apt, and start it"] };
  const remedy =
    system.kind === "android"
      ? "Install Docker there, for example Termux's package `docker` (root-repo), and start `dockerd` as root. The kernel must have what it needs: see docs/android-kernel.md."
      : "Install Docker there (https://docs.docker.com/engine/install/), and start it.";
  return { state: "blocked", found, remedy };
}
