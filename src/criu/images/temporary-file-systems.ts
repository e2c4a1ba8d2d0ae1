import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { MigrationError } from "../../errors.ts";
import type { TemporaryFile } from "./checkpoint-images.ts";
import { readGnuTar, type TarEntry } from "./gnu-tar.ts";

/** The contents of one tmpfs, by its device number (CRIU v4.2, criu/image-desc.c, TMPFS_DEV). */
const archiveName = /^tmpfs-dev-(\d+)\.tar\.gz\.img$/;
/** A file takes some 600 bytes of memory here, and of the resume program. */
const most = 100_000;

const types: Readonly<Record<string, TemporaryFile["type"]>> = {
  "0": "file",
  S: "file",
  "1": "link",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

/** The name of the uncompressed archive of a tmpfs. */
export function archiveOf(device: number): string {
  return `tmpfs-dev-${device}.tar`;
}

/** The image that an uncompressed archive is made from; undefined when `name` is none. */
export function compressedImageOf(name: string): string | undefined {
  return /^tmpfs-dev-\d+\.tar$/.test(name) ? `${name}.gz.img` : undefined;
}

/**
 * Lists what lies in the tmpfs file systems of a checkpoint; the root folder of each has an empty name. Contents stay where they
 * are: they may be larger than memory.
 * @returns by device number
 * @throws MigrationError `image-corrupt`, `image-unsupported`
 */
export async function listTemporaryFileSystems(directory: string): Promise<ReadonlyMap<number, readonly TemporaryFile[]>> {
  const found = new Map<number, readonly TemporaryFile[]>();
  for (const name of await readdir(directory)) {
    const device = archiveName.exec(name)?.[1];
    if (device !== undefined) found.set(Number(device), await listArchive(join(directory, name), name));
  }
  return found;
}

async function listArchive(path: string, image: string): Promise<TemporaryFile[]> {
  const files: TemporaryFile[] = [];
  const source = createReadStream(path);
  const archive = createGunzip();
  source.on("error", (error) => archive.destroy(error)).pipe(archive);
  try {
    for await (const entry of readGnuTar(archive)) {
      files.push(describe(entry));
      if (files.length > most) throw tooMany(image);
    }
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError("image-corrupt", `${image}, the contents of a tmpfs, can't be read`, {
      cause,
      remedy: "Take the checkpoint again.",
      details: { file: image },
    });
  } finally {
    source.destroy();
    archive.destroy();
  }
  return files;
}

function describe({ name, type, pieces, ...entry }: TarEntry): TemporaryFile {
  return {
    ...entry,
    name: relative(name),
    type: types[type]!,
    target: type === "1" ? relative(entry.target) : entry.target,
    pieces,
  };
}

/** Names in the archive begin with `./`. */
function relative(name: string): string {
  return name
    .replace(/^\.?\//, "")
    .replace(/\/$/, "")
    .replace(/^\.$/, "");
}

function tooMany(image: string): MigrationError {
  return new MigrationError("image-unsupported", `${image}: a tmpfs with more than ${most} files`, {
    remedy: "Let the program remove files from its memory file systems (/dev/shm) before the move.",
    details: { file: image },
  });
}
