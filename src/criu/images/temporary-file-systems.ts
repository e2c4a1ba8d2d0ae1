import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { MigrationError } from "../../errors.ts";
import type { TemporaryFile } from "./checkpoint-images.ts";

/** The contents of one tmpfs, by its device number (CRIU v4.2, criu/image-desc.c, TMPFS_DEV). */
const archiveName = /^tmpfs-dev-(\d+)\.tar\.gz\.img$/;
/** More entries than anyone wants to read. */
const most = 1000;

/**
 * Lists what lies in the tmpfs file systems of a checkpoint, without the file systems' own root folders.
 * @returns for each device number, at most 1000 files, and none after the first sparse file
 * @throws MigrationError `image-corrupt`
 */
export async function listTemporaryFileSystems(directory: string): Promise<ReadonlyMap<number, readonly TemporaryFile[]>> {
  const found = new Map<number, readonly TemporaryFile[]>();
  for (const name of await readdir(directory)) {
    const device = archiveName.exec(name)?.[1];
    if (device !== undefined) found.set(Number(device), await listArchive(join(directory, name), name));
  }
  return found;
}

async function listArchive(path: string, name: string): Promise<TemporaryFile[]> {
  const files: TemporaryFile[] = [];
  const archive = extract();
  const source = createGunzip();
  const filled = pipeline(createReadStream(path), source, archive);
  filled.catch(() => {}); // the loop below sees it too
  try {
    for await (const entry of archive) {
      const { type } = entry.header;
      const file = entry.header.name.replace(/^\.?\//, "").replace(/\/$/, "");
      if (file !== "" && file !== ".") files.push({ name: file, type: type ?? "file" });
      entry.on("error", () => {}).resume();
      // What follows a sparse file can't be found: tar-stream doesn't know GNU's headers for it.
      if (files.length >= most || type === null) return files;
    }
    await filled;
  } catch (cause) {
    throw new MigrationError("image-corrupt", `${name}, the contents of a tmpfs, can't be read`, {
      cause,
      remedy: "Take the checkpoint again.",
      details: { file: name },
    });
  } finally {
    source.destroy();
  }
  return files;
}
