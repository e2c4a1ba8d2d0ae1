import { transferImage } from "../../engine/docker/transfer-image.ts";
import { count } from "../../text/count.ts";
import { type Move, willMake } from "../move.ts";

/** Brings the container's image to the target, without the layers that are there. The source runs meanwhile. */
export async function sendImage(move: Move): Promise<string> {
  const { container, source, target, signal } = move;
  if (!source.engine.hasImages) return "it has none";
  const imageId = container.Image;
  if (!(await target.engine.hasImage(imageId))) await willMake(move, { object: "image", id: imageId });
  const { bytesSent, layersSent, layersPresent } = await transferImage(source.engine, imageId, target.engine, {
    onProgress: (bytes) => move.progress("send-image", bytes, undefined),
    directory: move.workDirectory,
    signal,
  });
  move.bytesSent += bytesSent;
  return layersSent === 0
    ? `the target has every layer (${layersPresent})`
    : `sent ${count(layersSent, "layer")}, had ${layersPresent}`;
}
