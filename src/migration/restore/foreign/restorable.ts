import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sharedMemoryName } from "../../../checkpoint/archive/foreign/members.ts";
import { type ReadFolder, writableLayer } from "../../../checkpoint/archive/foreign/writable-layer.ts";
import { defaultLimits } from "../../../checkpoint/archive/limits.ts";
import type { ForeignArchive } from "../../../checkpoint/archive/opened.ts";
import { checkRootfsFile } from "../../../checkpoint/rootfs/check-rootfs-file.ts";
import { isKnownRecord } from "../../../checkpoint/rootfs/records.ts";
import { mappedFiles } from "../../../checkpoint/take/executables.ts";
import { ByteReader } from "../../../checkpoint/tar/byte-reader.ts";
import { readTar } from "../../../checkpoint/tar/read-tar.ts";
import { openCheckpoint } from "../../../criu/images/open-checkpoint.ts";
import { readContainerFile } from "../../../engine/docker/container-files.ts";
import type { ReadContainerFile } from "../../../resume/cpu/modules.ts";
import { bytesOf, type MadeContainer, type Restorable } from "../restorable.ts";
import type { FoundImage } from "./find-image.ts";
import { adaptImages } from "./images.ts";
import { assumedSource } from "./source.ts";

/**
 * What podman's or the kubelet's archive gives with the image that it was made from. The images are changed in place.
 * @param found on the target
 * @param targetFlags the flags of the target's CPU
 * @throws MigrationError `cannot-carry`, `image-corrupt`
 */
export async function foreignRestorable(
  archive: ForeignArchive,
  found: FoundImage,
  targetFlags: readonly string[],
): Promise<Restorable> {
  const { container, imagesDirectory, folder, members, upper, deletedFiles } = archive;
  const shared = members.some(({ path }) => path === sharedMemoryName) ? join(folder, sharedMemoryName) : undefined;
  using images = await openCheckpoint(imagesDirectory);
  const maskedPaths = container.record.HostConfig.MaskedPaths ?? [];
  await adaptImages(images, { engineStdio: archive.engineStdio, sharedMemoryTar: shared, maskedPaths });
  // What was changed must be as sound as what was checked.
  (await openCheckpoint(imagesDirectory)).close();
  const mapped = mappedFiles(images);
  const { record: image } = found;
  return {
    record: { ...container.record, Image: image.Id },
    imageRecord: image,
    image: { id: image.Id, name: found.name, layers: image.RootFS?.Layers ?? [] },
    imagePart: () => undefined,
    source: assumedSource(images, targetFlags),
    imagesDirectory,
    semaphores: new Set(),
    members,
    writableBytes: await bytesOf(upper),
    notes: [...found.notes, ...(upper === undefined && deletedFiles.length === 0 ? [nothingWritten] : [])],
    executables: (made) => readExecutables(made, mapped, upper),
    upper: (made) => makeLayer(made, archive),
  };
}

const nothingWritten =
  "the archive has no writable layer: if the container had written files, it was taken with --ignore-rootfs, and they are missing";

/** Files that the container changed are in its writable layer, all others in the image. */
async function readExecutables(
  made: MadeContainer,
  paths: readonly string[],
  upper: string | undefined,
): Promise<ReadContainerFile> {
  const contents = new Map<string, Uint8Array>();
  for (const path of paths) {
    const file = await readContainerFile(made.engine, made.id, path);
    if (file?.header.type === "file") contents.set(path, file.content);
  }
  if (upper !== undefined) for await (const [path, content] of filesIn(upper, new Set(paths))) contents.set(path, content);
  return (path) => contents.get(path);
}

/** Bytes. A larger file that claims to be an executable is none: nothing would be chosen anew in it. */
const largestExecutable = 2 ** 30;

/** Files of a tar archive that are wanted. */
async function* filesIn(tar: string, wanted: ReadonlySet<string>): AsyncGenerator<[path: string, content: Uint8Array]> {
  await using reader = new ByteReader(createReadStream(tar, { highWaterMark: 1 << 18 }));
  const decodeName = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  for await (const { name, type, content } of readTar(reader, { extended: isKnownRecord, decodeName })) {
    const path = `/${name.replace(/^\.\//, "")}`;
    const isWanted = type === "file" && wanted.has(path);
    let pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of content) {
      bytes += piece.length;
      if (bytes > largestExecutable) pieces = [];
      else if (isWanted) pieces.push(Buffer.from(piece));
    }
    if (isWanted && bytes <= largestExecutable) yield [path, Buffer.concat(pieces)];
  }
}

async function makeLayer({ engine, id }: MadeContainer, { folder, upper, deletedFiles }: ForeignArchive): Promise<string> {
  const readFolder: ReadFolder = async (path) => {
    const found = await readContainerFile(engine, id, `/${path}`);
    if (found?.header.type !== "directory") return undefined;
    const { mode = 0o755, uid = 0, gid = 0, mtime } = found.header;
    return { mode: mode & 0o7777, uid, gid, modified: Math.floor((mtime?.getTime() ?? 0) / 1000) };
  };
  const path = join(folder, "upper.tar");
  await pipeline(Readable.from(writableLayer({ upper, deletedFiles }, readFolder)), createWriteStream(path, { mode: 0o600 }));
  await checkRootfsFile(path, defaultLimits);
  return path;
}
