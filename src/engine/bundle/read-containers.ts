import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { BundleRuntime } from "../engine-name.ts";
import { bundleRuntimePath, targetPaths } from "../resume-runtime/wrapper.ts";
import { parseConfiguration } from "./configuration.ts";
import { type BundleRecord, type RuntimeContainer, recordOf } from "./record.ts";

export interface RuntimeProgram {
  readonly host: Host;
  readonly name: BundleRuntime;
  /** Absolute path. */
  readonly path: string;
}

const callScript = 'own=$1; shift; if [ -x "$own" ]; then shift; exec "$own" "$@"; fi; exec "$@"';

/** A command of the runtime's: through the program of ours around it, where there is one, since only that knows all containers as they are. */
export function runtimeCommand({ name, path }: RuntimeProgram, words: readonly string[]): string[] {
  return ["sh", "-c", callScript, "sh", bundleRuntimePath(name), path, ...words];
}

/** Whether a container can have the id: it becomes a part of paths (runc, libcontainer/factory_linux.go, validateID). */
export function isValidId(id: string): boolean {
  return /^[A-Za-z0-9_+.-]+$/.test(id) && !id.startsWith("-") && id !== "." && id !== "..";
}

/** Whether a runtime's words say that it has no such container. */
export function isUnknown(words: string): boolean {
  return /does not exist|no such file or directory/i.test(words);
}

/** @returns undefined when there is no container of that id. @throws MigrationError `engine-request-failed`, `incompatible` */
export async function readContainer(program: RuntimeProgram, id: string): Promise<BundleRecord | undefined> {
  if (!isValidId(id)) return;
  const { host, name } = program;
  const { exitCode, stdout, stderr } = await host.run(runtimeCommand(program, ["state", id]));
  if (exitCode !== 0 && !isUnknown(stderr)) throw failure(program, `tell the state of ${id}`, stderr);
  const [known] = exitCode === 0 ? [JSON.parse(stdout) as RuntimeContainer] : await readWaiting(program, id);
  if (known === undefined) return;
  const text = await readText(host, known);
  return recordOf(known, parseConfiguration(text, known.bundle, host.name), name);
}

/** All that the runtime has, and those that wait for their first start. What has no configuration any more is left out. */
export async function readContainers(program: RuntimeProgram): Promise<BundleRecord[]> {
  const { host, name } = program;
  const { exitCode, stdout, stderr } = await host.run(runtimeCommand(program, ["list", "--format", "json"]));
  if (exitCode !== 0) throw failure(program, "list its containers", stderr);
  // runc says `null` of none.
  const listed = (JSON.parse(stdout) as readonly RuntimeContainer[] | null) ?? [];
  const known = await Promise.all(
    listed.map((container) => (container.status === "stopped" ? stateOf(program, container) : container)),
  );
  const waiting = (await readWaiting(program)).filter(({ id }) => known.every((other) => other.id !== id));
  const records: BundleRecord[] = [];
  for (const container of [...known, ...waiting]) {
    try {
      const configuration = parseConfiguration(await readText(host, container), container.bundle, host.name);
      records.push(recordOf(container, configuration, name));
    } catch (error) {
      if (!(error instanceof MigrationError) || error.code !== "incompatible") throw error;
    }
  }
  return records;
}

/** A list is made without a container's own clocks, by which alone it is known to run. One that is gone meanwhile has stopped. */
async function stateOf(program: RuntimeProgram, container: RuntimeContainer): Promise<RuntimeContainer> {
  const { exitCode, stdout } = await program.host.run(runtimeCommand(program, ["state", container.id]));
  return exitCode === 0 ? (JSON.parse(stdout) as RuntimeContainer) : container;
}

// One that is being made has no bundle yet.
const waitingScript = `cd "$1" 2>/dev/null || exit 0
for id in \${3:-*}; do
  if [ -f "$id/bundle" ] && [ "$(cat "$id/runtime")" = "$2" ]; then echo "$id $(cat "$id/bundle")"; fi
done`;

async function readWaiting({ host, name }: RuntimeProgram, id = ""): Promise<RuntimeContainer[]> {
  const text = await host.script(waitingScript, [targetPaths.bundles, name, id]);
  return Array.from(text.matchAll(/^(\S+) (.+)$/gm), ([, found = "", bundle = ""]) => ({
    ...{ id: found, bundle, status: "created", pid: 0, created: "" },
  }));
}

/** The configuration with which a container was started, or will be. Empty when there is none. */
async function readText(host: Host, { id, bundle, created }: RuntimeContainer): Promise<string> {
  const folder = created === "" ? `${targetPaths.bundles}/${id}` : bundle;
  return await host.script('[ ! -e "$1" ] || exec cat -- "$1"', [`${folder}/config.json`]);
}

/** What a runtime could not do. @param what as a verb: `freeze web` */
export function failure({ host, name }: RuntimeProgram, what: string, words: string): MigrationError {
  const line = words.trim().split("\n").at(-1) ?? "";
  // runc's log: `time="…" level=error msg="…"`.
  const [, quoted] = / msg=("(?:[^"\\]|\\.)*")$/.exec(line) ?? [];
  const reason = quoted === undefined ? line : (JSON.parse(quoted) as string);
  return new MigrationError("engine-request-failed", `${name} could not ${what}: ${reason}`, {
    host: host.name,
    details: { stderr: words.trim() },
  });
}
