import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type Readable, Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { MigrationError } from "../../errors.ts";
import type { DockerEngine } from "./engine.ts";

/** An image as it is sent: all its layers by name, but only some of them with their content. */
export interface ImageToLoad {
  /** `sha256:…` */
  readonly imageId: string;
  /** `sha256:…` of all layers, from the base up. */
  readonly diffIds: readonly string[];
  /** The layers whose content is sent. */
  readonly sent: ReadonlySet<string>;
  /** Names to give to the image. */
  readonly names: readonly string[];
  /** The file on this machine with the content of a digest. */
  file(digest: string): string;
}

export interface LoadOptions {
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Streams an image into an engine. Docker's loader looks for each layer in its own store before it opens the layer's file, so
 * the files of layers that it has may be absent (moby, image/tarexport/load.go).
 * @returns the number of bytes sent
 * @throws MigrationError `transfer-failed`, `engine-request-failed`, `cancelled`
 */
export function loadImage(engine: DockerEngine, image: ImageToLoad, options: LoadOptions): Promise<number> {
  return loadArchive(engine, `image ${image.imageId}`, archiveOf(image), options);
}

/**
 * Streams an archive of `docker save` into an engine.
 * @param what what it is, for errors: `image sha256:…`, a path
 * @returns the number of bytes sent
 * @throws MigrationError as `loadImage`
 */
export async function loadArchive(
  engine: DockerEngine,
  what: string,
  archive: Readable | Pack,
  { onProgress, signal }: LoadOptions,
): Promise<number> {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      bytes += chunk.length;
      onProgress?.(bytes);
      callback(null, chunk);
    },
  });
  const packing = pipeline(archive, counted, signal === undefined ? {} : { signal });
  const loading = engine.request(`load ${what}`, async (client) =>
    text((await client.loadImage(counted, { quiet: true })) as Readable),
  );
  // A failing request would leave the packing side waiting for a reader for ever.
  loading.catch((error) => counted.destroy(error));
  const [packed, answer] = await Promise.allSettled([packing, loading]);
  if (signal?.aborted) throw new MigrationError("cancelled", "sending the image was cancelled", { host: engine.host.name });
  if (answer.status === "rejected") throw answer.reason;
  if (packed.status === "rejected") throw packed.reason;
  // Docker answers with status 200 before it has read the archive; a failure comes as a line of JSON.
  const failure = /"error":"((?:[^"\\]|\\.)*)"/.exec(answer.value)?.[1];
  if (failure !== undefined) {
    throw new MigrationError("transfer-failed", `Docker could not load ${what}: ${failure}`, {
      host: engine.host.name,
    });
  }
  return bytes;
}

function archiveOf(image: ImageToLoad): Pack {
  const archive = pack();
  const hex = (digest: string) => digest.slice("sha256:".length);
  const layer = (diffId: string) => `${hex(diffId)}/layer.tar`;
  const config = `${hex(image.imageId)}.json`;
  const write = async () => {
    await addFile(archive, config, image.file(image.imageId));
    for (const diffId of image.sent) await addFile(archive, layer(diffId), image.file(diffId));
    const manifest = [
      { Config: config, RepoTags: image.names.length === 0 ? null : image.names, Layers: image.diffIds.map(layer) },
    ];
    archive.entry({ name: "manifest.json" }, JSON.stringify(manifest));
    archive.finalize();
  };
  write().catch((error) => archive.destroy(error));
  return archive;
}

async function addFile(archive: Pack, name: string, path: string): Promise<void> {
  const { size } = await stat(path);
  await pipeline(createReadStream(path), archive.entry({ name, size }));
}
