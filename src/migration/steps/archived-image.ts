import { chainIds, presentChainIds } from "../../engine/docker/chain-ids.ts";
import { loadImage } from "../../engine/docker/image-load.ts";
import { MigrationError } from "../../errors.ts";
import { count } from "../../text/count.ts";
import { willMake } from "../move.ts";
import type { Restore } from "../restore/restore.ts";
import { pull } from "./pull.ts";

/**
 * Sees to it that the target has the image: the one of the archive by its id, if it is there or in the archive; else the one that the user
 * names.
 */
export async function provideArchivedImage(restore: Restore): Promise<string> {
  const { archive, image, target } = restore;
  const { id, name, layers } = archive.image;
  if (await target.engine.hasImage(id)) {
    restore.targetImage = id;
    return "the target has the image";
  }
  if (layers.every((digest) => archive.imagePart(digest) !== undefined) && archive.imagePart(id) !== undefined) {
    return await loadFromArchive(restore);
  }
  if (image !== undefined) return await useNamed(restore, image);
  throw new MigrationError("image-not-available", `the image ${name} (${id.slice(0, 19)}) is neither there nor in the archive`, {
    host: target.host.name,
    remedy: "Pull it there, make the archive with `checkpoint --with-image`, or name an image with `--image`.",
  });
}

/** It gets no name: what the machine calls by that name stays. */
async function loadFromArchive(restore: Restore): Promise<string> {
  const { archive, target, signal } = restore;
  const { id, layers } = archive.image;
  const present = await presentChainIds(target.engine);
  const chain = chainIds(layers);
  const sent = new Set(layers.filter((_, index) => !present.has(chain[index] ?? "")));
  await willMake(restore, { object: "image", id });
  restore.bytesSent += await loadImage(
    target.engine,
    { imageId: id, diffIds: layers, sent, names: [], file: (digest) => archive.imagePart(digest)! },
    { onProgress: (bytes) => restore.progress("send-image", bytes, undefined), signal },
  );
  if (!(await target.engine.hasImage(id))) {
    throw new MigrationError("transfer-failed", `image ${id} is not there under its id after it was loaded`, {
      host: target.host.name,
    });
  }
  restore.targetImage = id;
  return `sent ${count(sent.size, "layer")} of the archive's image`;
}

async function useNamed(restore: Restore, name: string): Promise<string> {
  const { archive, target } = restore;
  const { Architecture: architecture } = archive.imageRecord;
  const { engine } = target;
  if (!(await engine.hasImage(name))) await pull(restore, name, `linux/${architecture}`);
  const found = await engine.inspectImage(name);
  if (found.Architecture !== architecture) {
    throw new MigrationError(
      "incompatible",
      `the image ${name} is made for ${found.Architecture}, and the archive for ${architecture}`,
      {
        host: target.host.name,
        remedy: "Name the image that the container was made from with --image.",
      },
    );
  }
  restore.targetImage = found.Id;
  restore.notes.push(
    `${name} takes the place of the archive's image ${archive.image.name}: files that differ are the container's now`,
  );
  return `${name} is there`;
}
