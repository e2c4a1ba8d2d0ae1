import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { MigrationError, messageOf } from "../../errors.ts";

export interface StageOptions {
  /** The digests (`sha256:…`) of the parts to keep: the configuration, which is the image's id, and layers. */
  readonly wanted: readonly string[];
  /** The machine that the archive comes from, for errors. */
  readonly host: string;
  readonly signal?: AbortSignal | undefined;
  /** Where the temporary folder is made. Default: the system's folder for such. */
  readonly directory?: string | undefined;
}

/** Parts of an image in a temporary folder of this machine, which goes when this is disposed of. */
export interface StagedImage extends AsyncDisposable {
  /** The file with the part of that digest. */
  file(digest: string): string;
}

/**
 * Takes the wanted parts from the archive of `docker save`. They are known by their digests, so it does not matter how the
 * archive names them: `<id>/layer.tar` before Docker 25, `blobs/sha256/<digest>` since.
 * @throws MigrationError `transfer-failed` when a part is missing or the archive breaks off, `no-space`, `cancelled`
 */
export async function stageImage(
  archive: Readable,
  { wanted, host, signal, directory = tmpdir() }: StageOptions,
): Promise<StagedImage> {
  const folder = await mkdtemp(join(directory, "migrate-image-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const file = (digest: string) => join(folder, digest.replace(":", "-"));
  const missing = new Set(wanted);
  try {
    const entries = extract();
    // A failure of the archive destroys `entries` too, and so ends the loop below.
    const feeding = pipeline(archive, entries, signal === undefined ? {} : { signal });
    feeding.catch(() => {});
    for await (const entry of entries) {
      const named = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(entry.header.name)?.[1];
      if (entry.header.type !== "file" || (named !== undefined && !missing.has(`sha256:${named}`))) {
        for await (const _ of entry);
        continue;
      }
      const part = join(folder, "part");
      const digest = await writeHashed(entry as unknown as NodeJS.ReadableStream, part);
      if (missing.delete(digest)) await rename(part, file(digest));
      else await rm(part);
    }
    await feeding;
    if (missing.size > 0) throw new Error(`it lacks ${[...missing].join(", ")}`);
  } catch (error) {
    await remove();
    throw stagingFailed(error, host, directory, signal);
  }
  return { file, [Symbol.asyncDispose]: remove };
}

async function writeHashed(content: NodeJS.ReadableStream, path: string): Promise<string> {
  const hash = createHash("sha256");
  const hashing = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(content, hashing, createWriteStream(path));
  return `sha256:${hash.digest("hex")}`;
}

function stagingFailed(error: unknown, host: string, directory: string, signal: AbortSignal | undefined): MigrationError {
  if (signal?.aborted) return new MigrationError("cancelled", "sending the image was cancelled", { host });
  if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
    return new MigrationError("no-space", `the image does not fit into ${directory}`, {
      host: "local",
      remedy: "Make room there.",
      cause: error,
    });
  }
  return new MigrationError("transfer-failed", `the archive of \`docker save\` cannot be used: ${messageOf(error)}`, {
    host,
    cause: error,
  });
}
