import { constants } from "node:fs";
import { type FileHandle, mkdir, open, statfs } from "node:fs/promises";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { MigrationError, messageOf } from "../../errors.ts";
import { makePrivateDirectory, removeOrphanedDirectories } from "../../host/private-directory.ts";
import { archiveFolders } from "../../migration/state-paths.ts";
import { compressionHeadBytes, compressionOf, decompressed } from "../layers/compression.ts";
import { decrypted, isEncrypted } from "../layers/encryption.ts";
import { peek } from "../layers/peek.ts";
import { checkRootfsTar } from "../rootfs/check-rootfs-tar.ts";
import { isKnownRecord } from "../rootfs/records.ts";
import { ByteReader } from "../tar/byte-reader.ts";
import { readTar, type TarEntry } from "../tar/read-tar.ts";
import { Budget } from "./budget.ts";
import { looksForeign } from "./foreign/members.ts";
import { openForeign } from "./foreign/open.ts";
import { type ArchiveLimits, defaultLimits } from "./limits.ts";
import { manifestName } from "./manifest.ts";
import { openOwn } from "./open-own.ts";
import type { OpenedArchive } from "./opened.ts";
import { refusal, shown } from "./refusal.ts";

export interface OpenArchiveOptions {
  /** A file with age identities, for archives that are encrypted. */
  readonly identityFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: `defaultLimits`. */
  readonly limits?: ArchiveLimits;
  /** Told how many bytes of the file are read. */
  readonly onBytes?: ((bytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Opens an archive of a checkpoint: of this program, of podman or of the kubelet. It is unpacked into a private folder, which goes when
 * the result is disposed of, and all of it is checked: nothing of an archive that is refused is used, and nothing of it stays.
 * That it is sound does not mean that it is harmless: who can write an archive decides what runs in the container.
 * @throws MigrationError `archive-refused` with `details.reason`; `image-corrupt`, `image-unsupported`; `no-space`, `cancelled`, `usage`
 */
export async function openArchive(path: string, options: OpenArchiveOptions = {}): Promise<OpenedArchive> {
  await using file = await openRegularFile(path);
  const archiveBytes = (await file.stat()).size;
  const { path: folder, remove } = await makeFolder();
  try {
    return await unpack(file, { folder, archiveBytes, remove }, options);
  } catch (error) {
    await remove();
    if (options.signal?.aborted === true) throw cancelled(options.signal);
    throw error;
  }
}

/** What all kinds of archives are opened with. */
export interface Opening {
  readonly folder: string;
  readonly archiveBytes: number;
  readonly remove: () => Promise<void>;
}

async function unpack(file: FileHandle, opening: Opening, options: OpenArchiveOptions): Promise<OpenedArchive> {
  const { folder, archiveBytes, remove } = opening;
  const { limits = defaultLimits } = options;
  const outer = await peek(chunksOf(file, archiveBytes, options), compressionHeadBytes);
  const encrypted = isEncrypted(outer.head);
  const inner = encrypted ? await peek(decrypted(outer.whole, options.identityFile), compressionHeadBytes) : outer;
  const compression = compressionOf(inner.head);
  if (compression === undefined) throw notAnArchive(inner.head);
  await using reader = new ByteReader(decompressed(inner.whole, compression));
  const entries = readTar(reader, { extended: isKnownRecord });
  const first = await entries.next();
  if (first.done === true) throw refusal("manifest-missing", "it has no members");
  const { bavail, bsize } = await statfs(folder);
  const unpacking = { folder, limits, budget: new Budget(limits, archiveBytes, bavail * bsize) };
  const opened = isOwn(first.value)
    ? await openOwn(first.value, entries, unpacking)
    : await openForeign(first.value, entries, unpacking);
  if (opened.upper !== undefined) await checkUpper(opened.upper, limits);
  (await openCheckpoint(opened.imagesDirectory)).close();
  return { ...opened, compression, encrypted, archiveBytes, [Symbol.asyncDispose]: remove };
}

/** @throws MigrationError `archive-refused`, `manifest-missing` when it is neither our own nor one of podman's or the kubelet's */
function isOwn({ name, type }: TarEntry): boolean {
  if (name === manifestName) return true;
  if (looksForeign(name, type === "directory")) return false;
  throw refusal(
    "manifest-missing",
    `it begins with \`${shown(name)}\` and not with a manifest, and podman and the kubelet have no such archives`,
  );
}

function notAnArchive(head: Uint8Array): MigrationError {
  const why =
    head.length === 0 ? "it is empty" : "it is no tar archive, whether compressed with zstd or gzip, encrypted with age, or not";
  return refusal("not-an-archive", why, { remedy: "Name a file that `checkpoint`, podman or the kubelet wrote." });
}

async function checkUpper(path: string, limits: ArchiveLimits): Promise<void> {
  await using file = await open(path);
  await using reader = new ByteReader(file.createReadStream({ autoClose: false, highWaterMark: 1 << 18 }));
  await checkRootfsTar(reader, limits);
}

/** A named pipe or a device would never end. */
async function openRegularFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new Error("it is no regular file");
  } catch (cause) {
    throw new MigrationError("usage", `the archive ${path} can't be read: ${messageOf(cause)}`, {
      host: "local",
      remedy: "Name an archive that `checkpoint` wrote.",
      cause,
    });
  }
}

async function* chunksOf(
  file: FileHandle,
  totalBytes: number,
  { signal, onBytes }: OpenArchiveOptions,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 18 })) {
    if (signal?.aborted === true) throw cancelled(signal);
    bytes += chunk.length;
    onBytes?.(bytes, totalBytes);
    yield chunk;
  }
}

function cancelled({ reason }: AbortSignal): MigrationError {
  return reason instanceof MigrationError
    ? reason
    : new MigrationError("cancelled", "reading the archive was cancelled", { host: "local" });
}

/** It will hold the memory of processes: what a killed process has left goes too. */
async function makeFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const place = archiveFolders();
  await mkdir(place.parent, { recursive: true, mode: 0o700 });
  await removeOrphanedDirectories(place);
  return await makePrivateDirectory(place);
}
