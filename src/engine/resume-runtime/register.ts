import { MigrationError } from "../../errors.ts";
import type { DockerEngine } from "../docker/engine.ts";
import { isOwnRuntime, type RuntimeKind, runtimeNames, runtimePaths, targetPaths, wrapperScript } from "./wrapper.ts";

const configurationFile = "/etc/docker/daemon.json";
const reloadTimeoutMs = 20_000;

interface DaemonConfiguration {
  runtimes?: Record<string, { path: string }>;
  [key: string]: unknown;
}

export interface RegisterOptions {
  readonly kind: RuntimeKind;
  /** Absolute path of the OCI runtime that does the work. */
  readonly runtime: string;
  /** Names who needs it until `releaseRuntimes`: a move's id. */
  readonly claim: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a runtime of ours known to a target's engine: writes the wrapper, names it in daemon.json, and has the daemon read
 * that again (SIGHUP), which disturbs no container. Nothing is changed when all is there.
 * @returns whether it was registered now
 * @throws MigrationError `setup-failed`
 */
export async function registerRuntime(engine: DockerEngine, { kind, runtime, claim, signal }: RegisterOptions): Promise<boolean> {
  const { host } = engine;
  const [name, path] = [runtimeNames[kind], runtimePaths[kind]];
  await host.script(
    'umask 077; mkdir -p "$1" "$1/claims" "$1/incoming" "$1/pending" "$1/resumed"; chmod 700 "$1"; : > "$1/claims/$3"; cat > "$2.new"; chmod 755 "$2.new"; mv "$2.new" "$2"',
    [targetPaths.root, path, claim],
    { input: wrapperScript(runtime), signal },
  );
  const configuration = await readConfiguration(engine);
  const isKnown = (await engine.info()).runtimes.get(name) === path;
  if (isKnown && configuration.runtimes?.[name]?.path === path) return false;
  await host.script(': > "$1"', [targetPaths.provisional], { signal });
  await writeConfiguration(engine, {
    ...configuration,
    runtimes: { ...configuration.runtimes, [name]: { path } },
  });
  await reload(engine, (runtimes) => runtimes.has(name));
  return true;
}

const release = `
cd "$1" 2>/dev/null || exit 0
rm -f "claims/$2"
rmdir claims 2>/dev/null || true
[ "$5" = false ] || rm -f "$3" "$4/provisional"
if [ -z "$(ls claims 2>/dev/null)" ]; then
  [ ! -e "$4/provisional" ] || rm -rf "$4"
  [ ! -e "$3" ] || echo unused
fi`;

export interface ReleaseOptions {
  /** Whether a container was moved there, which needs the runtime for its next starts. */
  readonly keep?: boolean;
}

/**
 * Gives a claim back. What a move has put there (runtimes, CRIU) and nobody needs any more is taken out again; what was there before,
 * or what a moved container uses, stays. Nothing happens where nothing is.
 */
export async function releaseRuntimes(engine: DockerEngine, claim: string, { keep = false }: ReleaseOptions = {}): Promise<void> {
  const { host } = engine;
  const state = await host.script(release, [targetPaths.root, claim, targetPaths.provisional, targetPaths.criu, String(keep)]);
  if (state.trim() === "unused") await unregisterRuntimes(engine);
}

/** Takes our runtimes out again, unless a container needs one for its next start. */
export async function unregisterRuntimes(engine: DockerEngine): Promise<void> {
  const containers = await engine.request("list containers", (client) => client.listContainers({ all: true }));
  for (const { Id } of containers) {
    if (isOwnRuntime((await engine.inspect(Id)).HostConfig.Runtime ?? "")) return;
  }
  const { runtimes = {}, ...others } = await readConfiguration(engine);
  const rest = Object.fromEntries(Object.entries(runtimes).filter(([name]) => !isOwnRuntime(name)));
  const known = [...Object.keys(runtimes), ...(await engine.info()).runtimes.keys()];
  if (known.some(isOwnRuntime)) {
    // The daemon drops runtimes only for a file that has the key (daemon/reload.go): the empty one goes afterwards.
    await writeConfiguration(engine, { ...others, runtimes: rest });
    await reload(engine, (loaded) => ![...loaded.keys()].some(isOwnRuntime));
    if (Object.keys(rest).length === 0) await writeConfiguration(engine, others);
  }
  await engine.host.script(
    'rm -f "$2" "$2.new" "$3" "$4" "$5" "$5.new"; rmdir "$1/pending" "$1/resumed" "$1/incoming" "$1/claims" "$1" 2>/dev/null || true',
    [targetPaths.root, targetPaths.runtime, targetPaths.provisional, `${configurationFile}.new`, targetPaths.restoreRuntime],
  );
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
      throw new MigrationError("setup-failed", `Docker did not read its runtimes anew from ${configurationFile}`, {
        host: host.name,
        remedy: `Look at the daemon's log; if it uses another configuration file, add to its "runtimes": {"${runtimeNames.resume}": {"path": "${targetPaths.runtime}"}} and restart Docker.`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
