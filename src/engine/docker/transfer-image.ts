import type { Readable } from "node:stream";
import { MigrationError } from "../../errors.ts";
import { chainIds, presentChainIds } from "./chain-ids.ts";
import type { DockerEngine } from "./engine.ts";
import { type StageOptions, stageImage } from "./image-archive.ts";
import { type LoadOptions, loadImage } from "./image-load.ts";

export interface TransferredImage {
  readonly bytesSent: number;
  readonly layersSent: number;
  /** Layers of the image that the target had already. */
  readonly layersPresent: number;
}

/**
 * Brings an image to another engine under the same id, without the layers that the other has. It gets its names too, except
 * those that name an image there already.
 * @param options `onProgress` is called with the number of bytes sent so far; `directory`: where layers are put on their way
 * @throws MigrationError `transfer-failed`, `no-space`, `incompatible` for containerd's image store, `cancelled`, and those of `DockerEngine.request`
 */
export async function transferImage(
  source: DockerEngine,
  imageId: string,
  target: DockerEngine,
  options: LoadOptions & Pick<StageOptions, "directory"> = {},
): Promise<TransferredImage> {
  const image = await source.inspectImage(imageId);
  const diffIds = image.RootFS.Layers ?? [];
  if (await target.hasImage(image.Id)) return { bytesSent: 0, layersSent: 0, layersPresent: diffIds.length };
  await assertOwnStore(source);
  await assertOwnStore(target);

  // Podman loads only archives that are whole.
  const present = target.name === "podman" ? new Set<string>() : await presentChainIds(target);
  const chain = chainIds(diffIds);
  const missing = diffIds.filter((_, index) => !present.has(chain[index] ?? ""));
  const sent = new Set(missing);
  const archive = await source.request(`save image ${imageId}`, (client) => client.getImage(image.Id).get());
  await using staged = await stageImage(archive as Readable, {
    wanted: [image.Id, ...sent],
    host: source.host.name,
    signal: options.signal,
    directory: options.directory,
  });

  const names = await freeNames(target, image.RepoTags ?? []);
  const bytesSent = await loadImage(target, { imageId: image.Id, diffIds, sent, names, file: staged.file }, options);
  if (!(await target.hasImage(image.Id))) {
    throw new MigrationError("transfer-failed", `image ${imageId} is not there under its id after it was loaded`, {
      host: target.host.name,
    });
  }
  return { bytesSent, layersSent: missing.length, layersPresent: diffIds.length - missing.length };
}

async function freeNames(engine: DockerEngine, names: readonly string[]): Promise<string[]> {
  const free: string[] = [];
  for (const name of names) if (!(await engine.hasImage(name))) free.push(name);
  return free;
}

/** containerd's image store names images by their manifests, and wants every layer in an archive. */
async function assertOwnStore(engine: DockerEngine): Promise<void> {
  const { containerdImageStore, version } = await engine.info();
  if (!containerdImageStore) return;
  throw new MigrationError("incompatible", `Docker ${version} keeps its images in containerd's store, which is not supported`, {
    host: engine.host.name,
    remedy: 'Set "features": {"containerd-snapshotter": false} in daemon.json, restart Docker and pull the image again.',
  });
}
