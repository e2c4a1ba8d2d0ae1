import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError, messageOf } from "../errors.ts";
import { readArchiveManifest } from "./archive/read-manifest.ts";
import { type CheckpointSizes, sizesOf } from "./take/sizes.ts";

/** What an archive says of itself. */
export interface CheckpointSummary {
  readonly path: string;
  readonly readable: true;
  readonly container: string;
  readonly containerId: string;
  readonly image: string;
  /** When the container was frozen (ISO 8601, UTC). */
  readonly created: string;
  /** Of the machine that it ran on. */
  readonly architecture: string;
  readonly encrypted: boolean;
  readonly sizes: CheckpointSizes;
}

/** A file whose manifest can't be read: it is encrypted, or no archive of this program. */
export interface UnreadableCheckpoint {
  readonly path: string;
  readonly readable: false;
  readonly error: MigrationError;
}

/**
 * Tells of the archives in a folder, by their manifests only: what else is in them is not read. Hidden files, as those that are being
 * written, are left out.
 * @param identityFile with age identities, for those that are encrypted
 * @returns the oldest first, those that can't be read last; none when there is no folder
 * @throws MigrationError `usage` when the folder can't be read
 */
export async function listArchives(
  directory: string,
  identityFile?: string,
): Promise<(CheckpointSummary | UnreadableCheckpoint)[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw new MigrationError("usage", `the folder ${directory} can't be read: ${messageOf(cause)}`, { host: "local", cause });
  });
  const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
  const found: (CheckpointSummary | UnreadableCheckpoint)[] = [];
  // One after the other: each may be decompressed.
  for (const name of names.toSorted()) found.push(await summaryOf(join(directory, name), identityFile));
  const orderOf = (each: CheckpointSummary | UnreadableCheckpoint) => (each.readable ? each.created : "~");
  return found.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

async function summaryOf(path: string, identityFile: string | undefined): Promise<CheckpointSummary | UnreadableCheckpoint> {
  try {
    const { manifest, archiveBytes, encrypted } = await readArchiveManifest(path, identityFile);
    const { container, image, created, source } = manifest;
    return {
      ...{ path, readable: true, container: container.name, containerId: container.id, image: image.name, created },
      ...{ architecture: source.architecture, encrypted, sizes: sizesOf(manifest, archiveBytes) },
    };
  } catch (error) {
    if (error instanceof MigrationError) return { path, readable: false, error };
    throw error;
  }
}
