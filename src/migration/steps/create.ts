import { resumeRuntimeName } from "../../engine/resume-runtime/wrapper.ts";
import type { Move } from "../move.ts";

/** Creates the container on the target, configured as on the source, and does not start it. */
export async function createContainer(move: Move): Promise<string> {
  const { container, target, options, rollback } = move;
  const { name } = options;
  let created: string | undefined;
  await rollback.willMake({
    object: "container",
    host: target.host.name,
    name,
    title: `removed the container ${name} from ${target.host.name}`,
    kind: "running-copy",
    undo: async () => {
      if (created !== undefined) await target.engine.remove(created, true, true);
    },
  });
  created = await target.engine.createLike(container, {
    name,
    image: await imageReference(move),
    runtime: resumeRuntimeName,
    // The host's name is part of what the processes know; by default it is the old container's id.
    config: { Hostname: container.Config.Hostname },
  });
  move.targetContainerId = created;
  return `${name} (${created.slice(0, 12)})`;
}

/** The image's name if it means the same image on the target, else its id. */
async function imageReference({ container, target }: Move): Promise<string> {
  const name = container.Config.Image;
  if (!(await target.engine.hasImage(name))) return container.Image;
  return (await target.engine.inspectImage(name)).Id === container.Image ? name : container.Image;
}
