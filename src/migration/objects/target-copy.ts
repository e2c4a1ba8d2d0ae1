import type { ContainerRecord, DockerEngine } from "../../engine/docker/engine.ts";

/** The label with the move's id that a container gets on the target: so it is found although its id is not known. */
export const moveLabel = "migrate-container.move";

/** The container that a move has made on the target; undefined when there is none. */
export async function findCopy(engine: DockerEngine, moveId: string): Promise<ContainerRecord | undefined> {
  const [found] = await engine.list({ all: true, label: `${moveLabel}=${moveId}` });
  return found === undefined ? undefined : engine.inspect(found.Id);
}
