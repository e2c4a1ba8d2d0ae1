import type { DockerEngine } from "../docker/engine.ts";
import { isBundleRuntime } from "../engine-name.ts";
import { releaseBundles } from "./bundle-claims.ts";
import { configurationFile, readConfiguration, reload, writeConfiguration } from "./daemon-configuration.ts";
import { type RuntimeKind, runtimeKinds, runtimeNames, runtimePaths, targetPaths, wrapperScript } from "./wrapper.ts";

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
 * that again (SIGHUP), which disturbs no container. For Podman the wrapper alone will do. Nothing is changed when all is there.
 * @returns whether it was registered now
 * @throws MigrationError `setup-failed`
 */
export async function registerRuntime(engine: DockerEngine, { kind, runtime, claim, signal }: RegisterOptions): Promise<boolean> {
  const { host } = engine;
  const [name, path] = [runtimeNames[kind], runtimePaths[kind]];
  await host.script(
    `umask 077; mkdir -p "$1" "$1/claims" "$1/incoming" "$1/pending" "$1/resumed" "$1/clocks" "$1/makers"; chmod 700 "$1"; : > "$1/claims/$3"
     [ -e "$2" ] || : > "$2.provisional"
     cat > "$2.new"; chmod 755 "$2.new"; mv "$2.new" "$2"`,
    [targetPaths.root, path, claim],
    { input: wrapperScript(runtime), signal },
  );
  // Podman is given the path with each container.
  if (engine.name === "podman") return true;
  const configuration = await readConfiguration(engine);
  const isKnown = (await engine.info()).runtimes.get(name) === path;
  if (isKnown && configuration.runtimes?.[name]?.path === path) return false;
  await writeConfiguration(engine, {
    ...configuration,
    runtimes: { ...configuration.runtimes, [name]: { path } },
  });
  await reload(engine, (runtimes) => runtimes.has(name));
  return true;
}

// Prints the paths of the runtimes that are not needed any more.
const release = `
cd "$1" 2>/dev/null || exit 0
rm -f "claims/$2"
rmdir claims 2>/dev/null || true
if [ "$3" = true ]; then rm -f ./*.provisional criu/provisional; fi
if [ -z "$(ls claims 2>/dev/null)" ]; then
  [ ! -e criu/provisional ] || rm -rf criu
  for file in "$1"/*.provisional; do [ ! -e "$file" ] || echo "\${file%.provisional}"; done
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
  if (isBundleRuntime(engine.name)) {
    await releaseBundles(engine.host, engine.name, claim, keep);
    return;
  }
  const paths = (await engine.host.script(release, [targetPaths.root, claim, String(keep)])).split("\n");
  const unused = runtimeKinds.filter((kind) => paths.includes(runtimePaths[kind]));
  if (unused.length > 0) await unregisterRuntimes(engine, unused);
}

/** Takes runtimes of ours out again, unless a container needs one for its next start. */
async function unregisterRuntimes(engine: DockerEngine, kinds: readonly RuntimeKind[]): Promise<void> {
  const isUnused = (name: string): boolean => kinds.some((kind) => [runtimeNames[kind], runtimePaths[kind]].includes(name));
  const containers = await engine.list({ all: true });
  for (const { Id } of containers) {
    if (isUnused((await engine.inspect(Id)).HostConfig.Runtime ?? "")) return;
  }
  if (engine.name === "docker") await unconfigure(engine, isUnused);
  const files = kinds.map((kind) => runtimePaths[kind]).flatMap((path) => [path, `${path}.new`, `${path}.provisional`]);
  await engine.host.script(
    'root=$1; shift; rm -f "$@"; cd "$root" 2>/dev/null || exit 0; rmdir pending resumed clocks makers incoming claims "$root" 2>/dev/null || true',
    [targetPaths.root, ...files, `${configurationFile}.new`],
  );
}

/** Takes runtimes out of Docker's configuration. */
async function unconfigure(engine: DockerEngine, isUnused: (name: string) => boolean): Promise<void> {
  const { runtimes = {}, ...others } = await readConfiguration(engine);
  const rest = Object.fromEntries(Object.entries(runtimes).filter(([name]) => !isUnused(name)));
  const known = [...Object.keys(runtimes), ...(await engine.info()).runtimes.keys()];
  if (known.some(isUnused)) {
    // The daemon drops runtimes only for a file that has the key (daemon/reload.go): the empty one goes afterwards.
    await writeConfiguration(engine, { ...others, runtimes: rest });
    await reload(engine, (loaded) => ![...loaded.keys()].some(isUnused));
    if (Object.keys(rest).length === 0) await writeConfiguration(engine, others);
  }
}
