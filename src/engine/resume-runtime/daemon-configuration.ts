import { MigrationError } from "../../errors.ts";
import type { DockerEngine } from "../docker/engine.ts";
import { runtimeNames, targetPaths } from "./wrapper.ts";

export const configurationFile = "/etc/docker/daemon.json";
const reloadTimeoutMs = 20_000;

/** Docker's configuration on a machine, as far as it matters here. */
export interface DaemonConfiguration {
  runtimes?: Record<string, { path: string }>;
  [key: string]: unknown;
}

/** @throws MigrationError `setup-failed` when it is not JSON */
export async function readConfiguration({ host }: DockerEngine): Promise<DaemonConfiguration> {
  const text = await host.script('[ ! -e "$1" ] || cat "$1"', [configurationFile]);
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as DaemonConfiguration;
  } catch (cause) {
    throw new MigrationError("setup-failed", `Docker's configuration ${configurationFile} is not JSON`, {
      host: host.name,
      remedy: "Mend the file (`dockerd --validate`), then try again.",
      cause,
    });
  }
}

/** An empty configuration is no file: so what was not there before is not there after. */
export async function writeConfiguration({ host }: DockerEngine, configuration: DaemonConfiguration): Promise<void> {
  if (Object.keys(configuration).length === 0) {
    await host.script('rm -f "$1"', [configurationFile]);
    return;
  }
  const text = `${JSON.stringify(configuration, undefined, 2)}\n`;
  await host.script('mkdir -p "$(dirname "$1")"; cat > "$1.new"; mv "$1.new" "$1"', [configurationFile], { input: text });
}

/** Has the daemon read its configuration again (SIGHUP), which disturbs no container, and waits until it knows what it says. @throws MigrationError `setup-failed` */
export async function reload(engine: DockerEngine, done: (runtimes: ReadonlyMap<string, string>) => boolean): Promise<void> {
  const { host } = engine;
  // The pid file is dockerd's default; without it, the daemon is the process of that name.
  await host
    .script('pid=$(cat /var/run/docker.pid 2>/dev/null || pidof dockerd || true); [ -n "$pid" ] || exit 1; kill -HUP $pid')
    .catch((cause: unknown) => {
      throw new MigrationError("setup-failed", "the Docker daemon could not be told to read its configuration again", {
        host: host.name,
        remedy: "Restart Docker on that machine, then try again.",
        cause,
      });
    });
  const deadline = Date.now() + reloadTimeoutMs;
  while (!done((await engine.info()).runtimes)) {
    if (Date.now() > deadline) {
      throw new MigrationError("setup-failed", `Docker did not read its runtimes anew from ${configurationFile}`, {
        host: host.name,
        remedy: `Look at the daemon's log; if it uses another configuration file, add to its "runtimes": {"${runtimeNames.resume}": {"path": "${targetPaths.runtime}"}} and restart Docker.`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
