import { MigrationError } from "../../errors.ts";
import type { DockerEngine } from "../docker/engine.ts";
import { resumeRuntimeName, targetPaths, wrapperScript } from "./wrapper.ts";

const configurationFile = "/etc/docker/daemon.json";
const reloadTimeoutMs = 20_000;

interface DaemonConfiguration {
  runtimes?: Record<string, { path: string }>;
  [key: string]: unknown;
}

/**
 * Makes the resume runtime known to a target's engine: writes the wrapper, names it in daemon.json, and has the daemon read
 * that again (SIGHUP), which disturbs no container. Nothing is changed when all is there.
 * @param runtime absolute path of the OCI runtime that does the work
 * @returns whether it was registered now
 * @throws MigrationError `setup-failed`
 */
export async function registerResumeRuntime(engine: DockerEngine, runtime: string, signal?: AbortSignal): Promise<boolean> {
  const { host } = engine;
  await host.script(
    'umask 077; mkdir -p "$1" "$1/incoming" "$1/pending" "$1/resumed"; chmod 700 "$1"; cat > "$2.new"; chmod 755 "$2.new"; mv "$2.new" "$2"',
    [targetPaths.root, targetPaths.runtime],
    { input: wrapperScript(runtime), signal },
  );
  const configuration = await readConfiguration(engine);
  const isKnown = (await engine.info()).runtimes.get(resumeRuntimeName) === targetPaths.runtime;
  if (isKnown && configuration.runtimes?.[resumeRuntimeName]?.path === targetPaths.runtime) return false;
  await writeConfiguration(engine, {
    ...configuration,
    runtimes: { ...configuration.runtimes, [resumeRuntimeName]: { path: targetPaths.runtime } },
  });
  await reload(engine, (runtimes) => runtimes.has(resumeRuntimeName));
  return true;
}

/** Takes the runtime out again, unless a container needs it for its next start. */
export async function unregisterResumeRuntime(engine: DockerEngine): Promise<void> {
  const containers = await engine.request("list containers", (client) => client.listContainers({ all: true }));
  for (const { Id } of containers) {
    if ((await engine.inspect(Id)).HostConfig.Runtime === resumeRuntimeName) return;
  }
  const { runtimes, ...others } = await readConfiguration(engine);
  const { [resumeRuntimeName]: ours, ...rest } = runtimes ?? {};
  if (ours !== undefined || (await engine.info()).runtimes.has(resumeRuntimeName)) {
    // The daemon drops runtimes only for a file that has the key (daemon/reload.go): the empty one goes afterwards.
    await writeConfiguration(engine, { ...others, runtimes: rest });
    await reload(engine, (known) => !known.has(resumeRuntimeName));
    if (Object.keys(rest).length === 0) await writeConfiguration(engine, others);
  }
  await engine.host.script('rm -f "$2"; rmdir "$1/pending" "$1/resumed" "$1/incoming" "$1" 2>/dev/null || true', [
    targetPaths.root,
    targetPaths.runtime,
  ]);
}

async function readConfiguration({ host }: DockerEngine): Promise<DaemonConfiguration> {
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
async function writeConfiguration({ host }: DockerEngine, configuration: DaemonConfiguration): Promise<void> {
  if (Object.keys(configuration).length === 0) {
    await host.script('rm -f "$1"', [configurationFile]);
    return;
  }
  const text = `${JSON.stringify(configuration, undefined, 2)}\n`;
  await host.script('mkdir -p "$(dirname "$1")"; cat > "$1.new"; mv "$1.new" "$1"', [configurationFile], { input: text });
}

async function reload(engine: DockerEngine, done: (runtimes: ReadonlyMap<string, string>) => boolean): Promise<void> {
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
      throw new MigrationError(
        "setup-failed",
        `Docker did not take the runtime \`${resumeRuntimeName}\` from ${configurationFile}`,
        {
          host: host.name,
          remedy: `Look at the daemon's log; if it uses another configuration file, add to its "runtimes": {"${resumeRuntimeName}": {"path": "${targetPaths.runtime}"}} and restart Docker.`,
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
