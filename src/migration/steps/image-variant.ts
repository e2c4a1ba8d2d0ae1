import { createReadStream } from "node:fs";
import { archivedImage } from "../../engine/docker/archived-image.ts";
import { loadArchive } from "../../engine/docker/image-load.ts";
import { MigrationError } from "../../errors.ts";
import { type Move, willMake } from "../move.ts";
import { platformOf } from "./create.ts";
import { pull } from "./pull.ts";
import { sendImage } from "./send-image.ts";

/**
 * Sees to it that the target has an image that it can run: the one that the user gave by name or as an archive, the source's own when it
 * is of the same architecture, else the variant that the target's registry has under the image's name.
 */
export async function provideImage(move: Move): Promise<string> {
  const { container, options, subject, targetFacts } = move;
  if (options.imageArchive !== undefined) return await loadFile(move, options.imageArchive);
  if (options.image !== undefined) return await findOrPull(move, options.image);
  if (subject.hostFacts.architecture === targetFacts.hostFacts.architecture) {
    move.targetImage = container.Image;
    return await sendImage(move);
  }
  return await findOrPull(move, container.Config.Image);
}

async function loadFile(move: Move, path: string): Promise<string> {
  const { target, signal } = move;
  const { id, architecture } = await archivedImage(path);
  assertArchitecture(move, architecture, path);
  if (!(await target.engine.hasImage(id))) await willMake(move, { object: "image", id });
  move.bytesSent += await loadArchive(target.engine, path, createReadStream(path), {
    onProgress: (bytes) => move.progress("send-image", bytes, undefined),
    signal,
  });
  if (!(await target.engine.hasImage(id))) {
    throw new MigrationError("transfer-failed", `Docker could not load ${path}: the image is not there afterwards`, {
      host: target.host.name,
    });
  }
  move.targetImage = id;
  return `loaded ${path}`;
}

/** An image that is there is taken as it is; its name is not pulled again. */
async function findOrPull(move: Move, name: string): Promise<string> {
  const { engine } = move.target;
  if (await engine.hasImage(name)) {
    const { Id, Architecture } = await engine.inspectImage(name);
    if (isRun(move, Architecture)) {
      move.targetImage = Id;
      return `${name} is there`;
    }
  }
  await pull(move, name, platformOf(move.targetFacts));
  const { Id, Architecture } = await engine.inspectImage(name);
  assertArchitecture(move, Architecture, name);
  move.targetImage = Id;
  return `pulled ${name}`;
}

function assertArchitecture(move: Move, found: string, image: string): void {
  if (isRun(move, found)) return;
  const { target, targetFacts } = move;
  const { architecture } = targetFacts.hostFacts;
  throw new MigrationError("incompatible", `the image ${image} is made for ${found}, and the machine is ${architecture}`, {
    host: target.host.name,
    remedy: "Name an image that it can run with --image or --image-archive.",
  });
}

/** @param architecture as Docker names it: `arm64` */
function isRun({ targetFacts }: Move, architecture: string): boolean {
  return platformOf(targetFacts) === `linux/${architecture}`;
}
