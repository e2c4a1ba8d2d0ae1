import { transferImage } from "../../engine/docker/transfer-image.ts";
import { count } from "../../text/count.ts";
import type { Move } from "../move.ts";

/** Brings the container's image to the target, without the layers that are there. The source runs meanwhile. */
export async function sendImage(move: Move): Promise<string> {
  const { container, source, target, rollback, signal } = move;
  const imageId = container.Image;
  if (!(await target.engine.hasImage(imageId))) {
    await rollback.willMake({
      object: "image",
      host: target.host.name,
      name: imageId,
      title: `removed the image ${imageId} from ${target.host.name}`,
      kind: "clean",
      undo: async () => {
        if (!(await target.engine.hasImage(imageId))) return;
        // By id, with all names: the move gave it only names that were free.
        await target.engine.request(`remove image ${imageId}`, (client) => client.getImage(imageId).remove({ force: true }));
      },
    });
  }
  const { bytesSent, layersSent, layersPresent } = await transferImage(source.engine, imageId, target.engine, {
    onProgress: (bytes) => move.progress("send-image", bytes, undefined),
    signal,
  });
  move.bytesSent += bytesSent;
  return layersSent === 0
    ? `the target has every layer (${layersPresent})`
    : `sent ${count(layersSent, "layer")}, had ${layersPresent}`;
}
