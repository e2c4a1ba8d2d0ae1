import { type FileHandle, mkdir, statfs } from "node:fs/promises";
import { openCheckpoint } from "../../criu/images/open-checkpoint.ts";
import { MigrationError } from "../../errors.ts";
import { makePrivateDirectory, removeOrphanedDirectories } from "../../host/private-directory.ts";
import { archiveFolders } from "../../migration/state-paths.ts";
import { peel } from "../layers/peel.ts";
import { isKnownRecord } from "../rootfs/records.ts";
import { ByteReader } from "../tar/byte-reader.ts";
import { readTar, type TarEntry } from "../tar/read-tar.ts";
import { Budget } from "./budget.ts";
import { checkConfined } from "./confined.ts";
import { looksForeign } from "./foreign/members.ts";
import { openForeign } from "./foreign/open.ts";
import { foreignStdio } from "./foreign/stdio.ts";
import { type ArchiveLimits, defaultLimits } from "./limits.ts";
import { manifestName } from "./manifest.ts";
import { openOwn } from "./open-own.ts";
import type { OpenedArchive } from "./opened.ts";
import { refusal, shown } from "./refusal.ts";
import { openRegularFile } from "./regular-file.ts";

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
  const { content, compression, encrypted } = await peel(chunksOf(file, archiveBytes, options), options.identityFile);
  await using reader = new ByteReader(content);
  const entries = readTar(reader, { extended: isKnownRecord });
  const first = await entries.next();
  if (first.done === true) throw refusal("manifest-missing", "it has no members");
  const { bavail, bsize } = await statfs(folder);
  const unpacking = { folder, limits, budget: new Budget(limits, archiveBytes, bavail * bsize) };
  const opened = isOwn(first.value)
    ? await openOwn(first.value, entries, unpacking)
    : await openForeign(first.value, entries, unpacking);
  using images = await openCheckpoint(opened.imagesDirectory);
  const common = { folder, compression, encrypted, archiveBytes, [Symbol.asyncDispose]: remove };
  if (opened.format === "podman") {
    checkConfined(images, opened.container.record);
    return { ...opened, ...common, engineStdio: await foreignStdio(images) };
  }
  checkConfined(images, opened.record);
  return { ...opened, ...common };
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
