import { createReadStream, createWriteStream } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { shown } from "../../../checkpoint/archive/refusal.ts";
import { tarEnd, tarEntry } from "../../../checkpoint/tar/write-entry.ts";
import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import { decodeImage } from "../../../criu/images/decode-image.ts";
import { encodeImage } from "../../../criu/images/encode-image.ts";
import type { MntEntry } from "../../../criu/images/schema/index.ts";
import { archiveOf } from "../../../criu/images/temporary-file-systems.ts";
import { MigrationError } from "../../../errors.ts";
import { adaptMounts, type MadeFileSystem } from "./mounts.ts";

export interface OtherEngine {
  /** What runc's `descriptors.json` says. */
  readonly engineStdio: readonly string[];
  /** A tar archive of what lay in /dev/shm; undefined: nothing is told of it. */
  readonly sharedMemoryTar: string | undefined;
  /** What the container must not see of the kernel. */
  readonly maskedPaths: readonly string[];
  /** Where volumes and folders are mounted that Docker mounts there, too. Default: nowhere. */
  readonly mounted?: readonly string[];
}

/**
 * Turns images of another engine's container into those that Docker's would have, in place: what that engine mounted from outside and
 * Docker does not is gone, /dev/shm is the container's own, and so is the network.
 * @throws MigrationError `cannot-carry` when a file of such a mount is in use, `image-corrupt`
 */
export async function adaptImages(images: CheckpointImages, other: OtherEngine): Promise<void> {
  const { directory } = images;
  const names = await readdir(directory);
  const read = async <Kind extends "mountpoints" | "netns">(kind: Kind, name: string) =>
    ({ name, image: decodeImage(kind, await readFile(join(directory, name)), name) }) as const;
  const tables = await Promise.all(
    names.filter((name) => /^mountpoints-\d+\.img$/.test(name)).map((name) => read("mountpoints", name)),
  );
  const devices = new Set(tables.flatMap(({ image }) => image.entries.map(({ message }) => message.root_dev)));
  const made = new Map<number, MadeFileSystem>();
  for (const { name, image } of tables) {
    const mounts = image.entries.map(({ message }) => message);
    const adapted = adaptMounts(mounts, { masked: other.maskedPaths, mounted: other.mounted ?? [] }, devices);
    refuseUsed(images, adapted.gone);
    await writeFile(join(directory, name), encodeImage({ ...image, entries: adapted.mounts.map((message) => ({ message })) }));
    // Mount namespaces have many of them in common.
    for (const each of adapted.made) made.set(each.device, each);
  }
  for (const each of made.values()) await putFiles(directory, each, other);
  for (const name of names.filter((each) => /^netns-\d+\.img$/.test(each))) {
    const { image } = await read("netns", name);
    const entries = image.entries.map(({ message: { ext_key: _, ...message } }) => ({ message }));
    await writeFile(join(directory, name), encodeImage({ ...image, entries }));
  }
  await writeFile(join(directory, "descriptors.json"), JSON.stringify(other.engineStdio));
  // They were compared when the archive was opened.
  await rm(join(directory, "SHA256SUMS"), { force: true });
}

const emptyFolder = (mode: number) =>
  Buffer.concat([tarEntry({ name: Buffer.from("./"), type: "directory", mode, uid: 0, gid: 0, modified: 0 }), tarEnd]);

/** CRIU restores a tmpfs from an archive that is named by its device, and there must be one. */
async function putFiles(
  directory: string,
  { device, isSharedMemory }: MadeFileSystem,
  { sharedMemoryTar }: OtherEngine,
): Promise<void> {
  const name = `${archiveOf(device)}.gz.img`;
  const empty = () => Readable.from([emptyFolder(isSharedMemory ? 0o1777 : 0o755)]);
  const content = isSharedMemory && sharedMemoryTar !== undefined ? createReadStream(sharedMemoryTar) : empty();
  try {
    await pipeline(content, createGzip(), createWriteStream(join(directory, name), { flags: "wx", mode: 0o600 }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new MigrationError("image-corrupt", `${name} is there, though its file system was mounted from outside`, {
      host: "local",
      remedy: "Take the checkpoint again.",
      details: { file: name },
    });
  }
}

function refuseUsed({ files }: CheckpointImages, gone: readonly MntEntry[]): void {
  const ids = new Set(gone.map(({ mnt_id: id }) => id));
  const used = [...files.values()].flatMap(({ reg }) =>
    reg?.mnt_id !== undefined && ids.has(reg.mnt_id) ? [shown(reg.name)] : [],
  );
  if (used.length === 0) return;
  throw new MigrationError(
    "cannot-carry",
    `processes have files open in what was mounted from outside: ${[...new Set(used)].slice(0, 5).join(", ")}`,
    {
      host: "local",
      remedy: "Run the container without these mounts, or let it close the files, and take the checkpoint again.",
    },
  );
}
