import type { Readable } from "node:stream";
import type { ContainerRecord, DockerEngine, ImageRecord } from "../../engine/docker/engine.ts";
import { type StagedImage, stageImage } from "../../engine/docker/image-archive.ts";
import { count } from "../../text/count.ts";
import type { CheckpointSteps } from "./events.ts";

export interface ContainerImage extends AsyncDisposable {
  readonly record: ImageRecord;
  /** The parts to put into the archive, by their digests; undefined: none. */
  readonly parts: StagedImage | undefined;
}

export interface StageRequest {
  readonly engine: DockerEngine;
  readonly container: ContainerRecord;
  /** Whether the image goes into the archive. */
  readonly wanted: boolean;
  readonly steps: CheckpointSteps;
  readonly signal: AbortSignal | undefined;
}

/** The container's image; its parts are saved while the container still runs. @throws MigrationError as `stageImage` */
export async function stageContainerImage({ engine, container, wanted, steps, signal }: StageRequest): Promise<ContainerImage> {
  const record = await engine.inspectImage(container.Image);
  let parts: StagedImage | undefined;
  if (wanted) {
    await steps.run("save-image", "Saving the image", async () => {
      const archive = await engine.request(`save image ${record.Id}`, (client) => client.getImage(record.Id).get());
      const digests = [record.Id, ...(record.RootFS.Layers ?? [])];
      parts = await stageImage(archive as Readable, { wanted: [...new Set(digests)], host: engine.host.name, signal });
      return count(digests.length - 1, "layer");
    });
  }
  return { record, parts, [Symbol.asyncDispose]: async () => parts?.[Symbol.asyncDispose]() };
}
