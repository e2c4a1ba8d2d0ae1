import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { isBundleRuntime } from "../../engine/engine-name.ts";
import { parseContainer } from "../../engine/find-engine.ts";
import { MigrationError } from "../../errors.ts";
import { readingMs, withDeadline } from "../../host/deadline.ts";
import type { Side } from "../move.ts";
import { openSide, openSource } from "../sides.ts";
import type { MigrateGroupOptions } from "./group-options.ts";

/** The label by which docker compose knows the containers of a project; podman-compose gives it, too. */
const projectLabel = "com.docker.compose.project";

export interface OpenedMembers {
  readonly source: Side;
  /** Each once. */
  readonly records: readonly ContainerRecord[];
}

type OpenOptions = Pick<MigrateGroupOptions, "containers" | "composeProject" | "source" | "sshConfig"> & {
  readonly signal?: AbortSignal | undefined;
};

/**
 * Reaches the machine and the engine that have the containers which are to be moved together, and finds them. What was opened is closed
 * with the stack.
 * @throws MigrationError `usage` when none is named, both ways are used, or they are of two engines; `container-not-found`,
 * `target-unreachable` also when it takes too long, `engine-unavailable`
 */
export async function openMembers(options: OpenOptions, stack: AsyncDisposableStack): Promise<OpenedMembers> {
  const { containers = [], composeProject, source: machine, signal } = options;
  const [first, ...others] = containers;
  if ((composeProject === undefined) === (first === undefined)) {
    throw new MigrationError("usage", "either containers or a project of docker compose must be named", { host: "local" });
  }
  if (first === undefined) {
    const { engine, name } = parseContainer(composeProject!);
    if (isBundleRuntime(engine)) throw refuseBundles("a project of docker compose has no");
    const source = await openSide(machine ?? "local", stack, options, engine);
    return { source, records: await read(source, () => idsOfProject(source.engine, name), signal) };
  }
  const source = await openSource(machine, first, stack, options);
  if (others.length > 0 && isBundleRuntime(source.engine.name)) throw refuseBundles("a group can't have");
  const names = [source.container, ...others.map((other) => nameOn(source, other))];
  return { source, records: await read(source, async () => names, signal) };
}

function refuseBundles(what: string): MigrationError {
  return new MigrationError("usage", `${what} containers that were started from bundles`, {
    host: "local",
    remedy: "Move them one by one: `runc:ID`.",
  });
}

/** The container's name without its engine's. */
function nameOn({ host, engine }: Side, text: string): string {
  const named = parseContainer(text);
  if (named.engine === undefined || named.engine === engine.name) return named.name;
  throw new MigrationError("usage", `containers of two engines can't be moved together: \`${text}\` is not ${engine.name}'s`, {
    host: host.name,
    remedy: "Move those of each engine by themselves.",
  });
}

async function read(
  { host, engine }: Side,
  names: () => Promise<readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<ContainerRecord[]> {
  const waiting = { host: host.name, what: "looking for the containers", ms: readingMs, signal };
  const records = await withDeadline(waiting, async () => Promise.all((await names()).map((name) => engine.inspect(name))));
  return [...new Map(records.map((record) => [record.Id, record])).values()];
}

async function idsOfProject(engine: DockerEngine, project: string): Promise<string[]> {
  const found = await engine.list({ label: `${projectLabel}=${project}` });
  if (found.length > 0) return found.toSorted((a, b) => a.Names[0]!.localeCompare(b.Names[0]!)).map(({ Id: id }) => id);
  throw new MigrationError("container-not-found", `no container of the compose project \`${project}\` runs`, {
    host: engine.host.name,
    remedy: "`docker compose ls` shows the projects that run.",
  });
}
