import { buffer } from "node:stream/consumers";
import { peel } from "../layers/peel.ts";
import { isKnownRecord } from "../rootfs/records.ts";
import { ByteReader } from "../tar/byte-reader.ts";
import { readTar, type TarEntry } from "../tar/read-tar.ts";
import { type ArchiveLimits, defaultLimits } from "./limits.ts";
import { type ArchiveManifest, manifestName } from "./manifest.ts";
import { parseManifest } from "./parse-manifest.ts";
import { checkPlain } from "./plain-entry.ts";
import { refusal } from "./refusal.ts";
import { openRegularFile } from "./regular-file.ts";

/** What an archive says of itself. */
export interface ReadManifest {
  readonly manifest: ArchiveManifest;
  /** Of the file. */
  readonly archiveBytes: number;
  readonly encrypted: boolean;
}

/**
 * Reads the manifest of an archive that this program wrote, and no more of it: what else is in the file is not checked.
 * @param identityFile with age identities, for an archive that is encrypted
 * @throws MigrationError `archive-refused`, `usage` when the file can't be read
 */
export async function readArchiveManifest(path: string, identityFile?: string): Promise<ReadManifest> {
  await using file = await openRegularFile(path);
  const { size: archiveBytes } = await file.stat();
  const chunks = file.createReadStream({ autoClose: false, highWaterMark: 1 << 16 });
  const { content, encrypted } = await peel(chunks, identityFile);
  await using reader = new ByteReader(content);
  const first = await readTar(reader, { extended: isKnownRecord }).next();
  if (first.done === true || first.value.name !== manifestName) {
    throw refusal("manifest-missing", "it does not begin with a manifest: this program did not write it");
  }
  return { manifest: (await readManifest(first.value, defaultLimits)).manifest, archiveBytes, encrypted };
}

/** Reads the member that must be the first. @throws MigrationError `archive-refused` */
export async function readManifest(
  entry: TarEntry,
  limits: ArchiveLimits,
): Promise<{ readonly manifest: ArchiveManifest; readonly bytes: Uint8Array }> {
  checkPlain(entry);
  if (entry.size > limits.manifestBytes) throw refusal("manifest-too-large", `its manifest has ${entry.size} bytes`);
  const bytes = await buffer(entry.content);
  return { manifest: parseManifest(bytes, limits), bytes };
}
