import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { archivedImage } from "../../engine/docker/archived-image.ts";
import { pullImage } from "../../engine/docker/pull-image.ts";
import { MigrationError } from "../../errors.ts";
import { type Move, willMake } from "../move.ts";
import { sendImage } from "./send-image.ts";

/**
 * Sees to it that the target has an image that it can run: the one that the user gave by name or as an archive, the source's own when it
 * is of the same architecture, else the variant that the target's registry has under the image's name.
 */
export async function provideImage(move: Move): Promise<string> {
  const { container, options, subject, targetFacts } = move;
  if (options.imageArchive !== undefined) return await loadArchive(move, options.imageArchive);
  if (options.image !== undefined) return await findOrPull(move, options.image);
  if (subject.hostFacts.architecture === targetFacts.hostFacts.architecture) {
    move.targetImage = container.Image;
    return await sendImage(move);
  }
  return await findOrPull(move, container.Config.Image);
}

async function loadArchive(move: Move, path: string): Promise<string> {
  const { target, signal } = move;
  const { id, architecture } = await archivedImage(path);
  assertArchitecture(move, architecture, path);
  if (!(await target.engine.hasImage(id))) await willMake(move, { object: "image", id });
  let sent = 0;
  const archive = createReadStream(path, signal === undefined ? {} : { signal }).on("data", (chunk) => {
    sent += chunk.length;
    move.progress("send-image", sent, undefined);
  });
  const answer = await target.engine.request(`load ${path}`, async (client) =>
    text((await client.loadImage(archive, { quiet: true })) as Readable),
  );
  const failure = /"error":"((?:[^"\\]|\\.)*)"/.exec(answer)?.[1];
  if (failure !== undefined || !(await target.engine.hasImage(id))) {
    throw new MigrationError(
      "transfer-failed",
      `Docker could not load ${path}: ${failure ?? "the image is not there afterwards"}`,
      {
        host: target.host.name,
      },
    );
  }
  move.bytesSent += sent;
  move.targetImage = id;
  return `loaded ${path}`;
}

/** An image that is there is taken as it is; its name is not pulled again. */
async function findOrPull(move: Move, name: string): Promise<string> {
  const { target, targetFacts, signal } = move;
  if (await target.engine.hasImage(name)) {
    const { Id, Architecture } = await target.engine.inspectImage(name);
    if (isRunBy(targetFacts.hostFacts.architecture, Architecture)) {
      move.targetImage = Id;
      return `${name} is there`;
    }
  }
  const before = await target.engine.hasImage(name);
  if (!before) await willMake(move, { object: "pulled-image", name });
  await pullImage(target.engine, name, targetFacts.hostFacts.architecture === "aarch64" ? "linux/arm64" : "linux/amd64", {
    onProgress: (bytes) => move.progress("send-image", bytes, undefined),
    signal,
  });
  const { Id, Architecture } = await target.engine.inspectImage(name);
  assertArchitecture(move, Architecture, name);
  move.targetImage = Id;
  return `pulled ${name}`;
}

function assertArchitecture({ target, targetFacts }: Move, found: string, image: string): void {
  const { architecture } = targetFacts.hostFacts;
  if (isRunBy(architecture, found)) return;
  throw new MigrationError("incompatible", `the image ${image} is made for ${found}, and the machine is ${architecture}`, {
    host: target.host.name,
    remedy: "Name an image that it can run with --image or --image-archive.",
  });
}

/** @param architecture as `uname -m` says it @param image as Docker names it */
function isRunBy(architecture: string, image: string): boolean {
  return (architecture === "aarch64" ? "arm64" : "amd64") === image;
}
