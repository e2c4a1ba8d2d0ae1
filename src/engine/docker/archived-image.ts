import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { MigrationError, messageOf } from "../../errors.ts";

export interface ArchivedImage {
  /** `sha256:…`, by which Docker's own store knows it. */
  readonly id: string;
  /** As Docker names it: `arm64`. */
  readonly architecture: string;
}

/** Configurations and manifests are some kilobytes; what is bigger is a layer. */
const biggestJson = 4 << 20;

/**
 * What an archive of `docker save` (or `podman save`), plain or gzip-compressed, holds.
 * @throws MigrationError `usage` when it holds no image, or more than one
 */
export async function archivedImage(path: string): Promise<ArchivedImage> {
  try {
    const small = await smallFiles(path);
    const images = JSON.parse(String(small.get("manifest.json") ?? "[]")) as { readonly Config: string }[];
    const [image] = images;
    if (image === undefined || images.length > 1) throw new Error(`it holds ${images.length} images`);
    const configuration = JSON.parse(String(small.get(image.Config))) as { readonly architecture: string };
    const [digest] = /[0-9a-f]{64}/.exec(image.Config) ?? [];
    if (digest === undefined) throw new Error("its manifest names no configuration");
    return { id: `sha256:${digest}`, architecture: configuration.architecture };
  } catch (cause) {
    throw new MigrationError("usage", `${path} can't be used as an image: ${messageOf(cause)}`, {
      host: "local",
      remedy: "Make it with `docker save --output FILE IMAGE`, of one image.",
      cause,
    });
  }
}

async function smallFiles(path: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  const isCompressed = await isGzip(path);
  const source = createReadStream(path);
  const feeding = isCompressed ? pipeline(source, createGunzip(), entries) : pipeline(source, entries);
  feeding.catch(() => {});
  for await (const entry of entries) {
    if (entry.header.type === "file" && (entry.header.size ?? 0) <= biggestJson)
      files.set(entry.header.name, await buffer(entry));
    else for await (const _ of entry);
  }
  await feeding;
  return files;
}

async function isGzip(path: string): Promise<boolean> {
  const start = await buffer(createReadStream(path, { end: 1 }));
  return start[0] === 0x1f && start[1] === 0x8b;
}
