import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { MigrationError } from "../../errors.ts";
import type { Compression } from "../compressions.ts";
import { compressor, feed } from "../layers/compression.ts";
import { encrypted } from "../layers/encryption.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type ArchiveManifest, manifestName } from "./manifest.ts";
import { noSpace } from "./write-member.ts";

export interface WriteArchiveOptions {
  readonly output: string;
  readonly manifest: ArchiveManifest;
  /** The file on this machine with a member's content. */
  readonly file: (member: string) => string;
  readonly compression: Compression;
  /** `age1…`; none: not encrypted. */
  readonly recipients: readonly string[];
  readonly onBytes?: (bytes: number) => void;
  /** Told of the temporary file before it is made. */
  readonly willWrite?: ((path: string) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes an archive: beside its place under a temporary name, for its owner only; only when it is whole and on the disk it gets its
 * name. On failure nothing of it stays.
 * @returns the bytes of the file
 * @throws MigrationError `no-space`, `cancelled`
 */
export async function writeArchive(options: WriteArchiveOptions): Promise<number> {
  const { output, signal } = options;
  const partial = join(dirname(output), `.${basename(output)}.${randomBytes(6).toString("hex")}.partial`);
  await options.willWrite?.(partial);
  try {
    const bytes = await writePartial(partial, options);
    if (signal?.aborted === true) throw signal.reason;
    await rename(partial, output);
    await syncFolder(dirname(output));
    return bytes;
  } catch (error) {
    await rm(partial, { force: true });
    if (signal?.aborted === true) throw cancelled(signal);
    throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? noSpace(dirname(output), error) : error;
  }
}

async function writePartial(path: string, options: WriteArchiveOptions): Promise<number> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  await using file = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  const tar = pack();
  const packing = packMembers(tar, options);
  // It destroys the tar stream, which the writing side sees.
  packing.catch((error) => tar.destroy(error));
  const compressing = compressor(options.compression);
  const feeding = feed(tar as AsyncIterable<Buffer>, compressing);
  feeding.catch((error) => compressing.destroy(error));
  const { recipients } = options;
  const content = recipients.length === 0 ? compressing : await encrypted(compressing, recipients);
  try {
    await writeAll(file, content);
    await Promise.all([packing, feeding]);
  } catch (error) {
    tar.destroy();
    compressing.destroy();
    // The packing side knows what went wrong; the others only that it stopped.
    await packing;
    throw error;
  }
  await file.sync();
  return (await file.stat()).size;
}

async function writeAll(file: FileHandle, content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of content) {
    for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
  }
}

async function packMembers(tar: Pack, { manifest, file, onBytes, signal }: WriteArchiveOptions): Promise<void> {
  const mtime = new Date(manifest.created);
  const common = { mtime, uid: 0, gid: 0, type: "file" } as const;
  const text = canonicalJson(manifest);
  tar.entry({ ...common, name: manifestName, mode: 0o600 }, text);
  let bytes = 0;
  for (const { path, size, mode } of manifest.members) {
    const counted = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        signal?.throwIfAborted();
        bytes += chunk.length;
        onBytes?.(bytes);
        yield chunk;
      }
    };
    const entry = tar.entry({ ...common, name: path, size, mode });
    await pipeline(createReadStream(file(path), { highWaterMark: 1 << 18 }), counted, entry);
  }
  tar.finalize();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}

function cancelled({ reason }: AbortSignal): unknown {
  return reason instanceof MigrationError
    ? reason
    : new MigrationError("cancelled", "writing the archive was cancelled", { host: "local" });
}
