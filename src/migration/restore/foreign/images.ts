import { createReadStream, createWriteStream } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { tarEnd, tarEntry } from "../../../checkpoint/tar/write-entry.ts";
import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import { decodeImage } from "../../../criu/images/decode-image.ts";
import { encodeImage } from "../../../criu/images/encode-image.ts";
import type { MntEntry } from "../../../criu/images/schema/index.ts";
import { archiveOf } from "../../../criu/images/temporary-file-systems.ts";
import { MigrationError } from "../../../errors.ts";

const sharedMemory = "/dev/shm";
/** CRIU v4.2, images/mnt.proto. */
const TMPFS = 5;

const emptyFolder = Buffer.concat([
  tarEntry({ name: Buffer.from("./"), type: "directory", mode: 0o1777, uid: 0, gid: 0, modified: 0 }),
  tarEnd,
]);

/** What Docker has runc mount from outside into every container, as runc names it to CRIU. */
const given = (key: string) =>
  ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/null"].includes(key) || key.startsWith("/sys/fs/cgroup/");

export interface OtherEngine {
  /** What runc's `descriptors.json` says. */
  readonly engineStdio: readonly string[];
  /** A tar archive of what lay in /dev/shm; undefined: nothing is told of it. */
  readonly sharedMemoryTar: string | undefined;
}

/**
 * Turns images of another engine's container into those that Docker's would have, in place: what that engine mounted from outside and
 * Docker does not is gone, /dev/shm is the container's own, and so is the network.
 * @throws MigrationError `cannot-carry` when a file of such a mount is in use
 */
export async function adaptImages(images: CheckpointImages, { engineStdio, sharedMemoryTar }: OtherEngine): Promise<void> {
  const { directory } = images;
  const names = await readdir(directory);
  const devices = new Set<number>();
  for (const name of names.filter((each) => /^mountpoints-\d+\.img$/.test(each))) {
    const image = decodeImage("mountpoints", await readFile(join(directory, name)), name);
    const mounts = image.entries.map(({ message }) => message);
    const shared = mounts.find((mount) => mount.mountpoint === sharedMemory && isExternal(mount));
    // Several mount namespaces have it from one.
    if (shared !== undefined && !devices.has(shared.root_dev)) await putSharedMemory(directory, shared, sharedMemoryTar);
    if (shared !== undefined) devices.add(shared.root_dev);
    const gone = withChildren(mounts, (mount) => mount !== shared && isExternal(mount) && !given(mount.ext_key ?? ""));
    refuseUsed(images, gone);
    const kept = image.entries
      .filter(({ message }) => !gone.has(message))
      .map((entry) => (entry.message === shared ? { message: ownMount(shared) } : entry));
    await writeFile(join(directory, name), encodeImage({ ...image, entries: kept }));
  }
  for (const name of names.filter((each) => /^netns-\d+\.img$/.test(each))) {
    const image = decodeImage("netns", await readFile(join(directory, name)), name);
    const entries = image.entries.map(({ message: { ext_key: _, ...message } }) => ({ message }));
    await writeFile(join(directory, name), encodeImage({ ...image, entries }));
  }
  await writeFile(join(directory, "descriptors.json"), JSON.stringify(engineStdio));
  // They were compared when the archive was opened.
  await rm(join(directory, "SHA256SUMS"), { force: true });
}

function isExternal({ ext_key: key, ext_mount: external }: MntEntry): boolean {
  return external === true || (key !== undefined && key !== "");
}

function ownMount({ ext_key: _, ext_mount: __, ...mount }: MntEntry): MntEntry {
  return { ...mount, fstype: TMPFS, root: "/", source: "shm" };
}

/** CRIU restores a tmpfs from an archive that is named by its device, and there must be one. */
async function putSharedMemory(directory: string, { root_dev: device }: MntEntry, tar: string | undefined): Promise<void> {
  const name = `${archiveOf(device)}.gz.img`;
  const content = tar === undefined ? Readable.from([emptyFolder]) : createReadStream(tar);
  try {
    await pipeline(content, createGzip(), createWriteStream(join(directory, name), { flags: "wx", mode: 0o600 }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new MigrationError("image-corrupt", `${name} is there, though ${sharedMemory} was mounted from outside`, {
      host: "local",
      remedy: "Take the checkpoint again.",
      details: { file: name },
    });
  }
}

function withChildren(mounts: readonly MntEntry[], isGone: (mount: MntEntry) => boolean): ReadonlySet<MntEntry> {
  const gone = new Set(mounts.filter(isGone));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    const ids = new Set([...gone].map(({ mnt_id: id }) => id));
    for (const mount of mounts) if (ids.has(mount.parent_mnt_id)) gone.add(mount);
  }
  return gone;
}

function refuseUsed({ files }: CheckpointImages, gone: ReadonlySet<MntEntry>): void {
  const places = new Map([...gone].map(({ mnt_id: id, mountpoint }) => [id, mountpoint]));
  const used = [...files.values()].flatMap(({ reg }) => (reg?.mnt_id !== undefined && places.has(reg.mnt_id) ? [reg.name] : []));
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
