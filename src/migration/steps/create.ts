import type { TargetFacts } from "../../compatibility/target-facts.ts";
import type { CreateLikeOptions } from "../../engine/docker/create.ts";
import { runtimeNames } from "../../engine/resume-runtime/wrapper.ts";
import { type Arrival, willMake } from "../move.ts";
import { moveLabel } from "../objects/target-copy.ts";
import { makeNetworks } from "./networks.ts";
import { makeMounts } from "./volumes.ts";

/** Creates a container whose first start resumes the program. */
export function createResumable(move: Arrival): Promise<string> {
  const platform = move.execution?.architecture === "aarch64" ? "linux/arm64" : "linux/amd64";
  return createContainer(move, { runtime: runtimeNames.resume, platform });
}

/** Creates a container whose first start restores the processes. */
export function createRestorable(move: Arrival): Promise<string> {
  return createContainer(move, { runtime: runtimeNames.restore, platform: platformOf(move.targetFacts) });
}

/** What the target runs itself, as Docker names it. */
export function platformOf({ hostFacts }: TargetFacts): string {
  return hostFacts.architecture === "aarch64" ? "linux/arm64" : "linux/amd64";
}

export interface CreateOptions {
  /** Default: the engine's own. */
  readonly runtime?: string;
  /** `linux/arm64`. */
  readonly platform: string;
}

/** Creates the container on the target, configured as on the source, and does not start it. */
export async function createContainer(move: Arrival, create: CreateOptions): Promise<string> {
  const { container, target, options } = move;
  const { name } = options;
  await makeNetworks(move);
  await makeMounts(move);
  await willMake(move, { object: "container", name });
  move.targetContainerId = await target.engine.createLike(container, {
    ...createOptions(move),
    image: await imageReference(move),
    runtime: create.runtime,
    platform: create.platform,
    // The host's name is part of what the processes know; by default it is the old container's id.
    config: { Hostname: container.Config.Hostname },
  });
  const { targetContainerId: made } = move;
  return made === name ? name : `${name} (${made.slice(0, 12)})`;
}

/** How the container is called there, and found. */
export function createOptions({ id, options: { name } }: Arrival): Pick<CreateLikeOptions, "name" | "labels"> {
  return { name, labels: { [moveLabel]: id } };
}

/** The image's name if it means the same image on the target, else its id. */
async function imageReference({ container, target, targetImage: id = container.Image }: Arrival): Promise<string> {
  const name = container.Config.Image;
  if (!(await target.engine.hasImage(name))) return id;
  return (await target.engine.inspectImage(name)).Id === id ? name : id;
}
