import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";
import { MigrationError } from "../../errors.ts";
import { readingMs, withDeadline } from "../../host/deadline.ts";
import type { GroupMembers } from "./group-options.ts";

/** The label by which docker compose knows the containers of a project. */
const projectLabel = "com.docker.compose.project";

/**
 * Finds the containers that are to be moved together, each once.
 * @throws MigrationError `container-not-found`, `usage` when none is named, or both ways are used, `target-unreachable` when it takes too long
 */
export async function findMembers(
  engine: DockerEngine,
  { containers = [], composeProject }: GroupMembers,
  signal: AbortSignal | undefined,
): Promise<ContainerRecord[]> {
  if ((composeProject === undefined) === (containers.length === 0)) {
    throw new MigrationError("usage", "either containers or a project of docker compose must be named", { host: "local" });
  }
  const waiting = { host: engine.host.name, what: "looking for the containers", ms: readingMs, signal };
  const records = await withDeadline(waiting, async () => {
    const names = composeProject === undefined ? containers : await idsOfProject(engine, composeProject);
    return await Promise.all(names.map((name) => engine.inspect(name)));
  });
  return [...new Map(records.map((record) => [record.Id, record])).values()];
}

async function idsOfProject(engine: DockerEngine, project: string): Promise<string[]> {
  const found = await engine.request("list containers", (client) =>
    client.listContainers({ filters: { label: [`${projectLabel}=${project}`] } }),
  );
  if (found.length > 0) return found.toSorted((a, b) => a.Names[0]!.localeCompare(b.Names[0]!)).map(({ Id: id }) => id);
  throw new MigrationError("container-not-found", `no container of the compose project \`${project}\` runs`, {
    host: engine.host.name,
    remedy: "`docker compose ls` shows the projects that run.",
  });
}
