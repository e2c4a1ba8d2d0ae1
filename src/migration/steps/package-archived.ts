import { copyFile, link, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Restore } from "../restore/restore.ts";
import { describePackage, packageDirectory, upperArchive } from "./package.ts";

/** Two blocks of zeros end a tar archive (pax(1)). */
const emptyTar = Buffer.alloc(1024);

/**
 * Puts together all that the target needs, of an archive.
 * @param fill puts in what the strategy needs beside the writable layer; gives the names of the files that hold memory
 */
export async function packageArchived(
  restore: Restore,
  fill: (restore: Restore, images: string, directory: string) => Promise<readonly string[]>,
): Promise<string> {
  const { imagesDirectory, upper } = restore.archive;
  const directory = packageDirectory(restore);
  await mkdir(directory, { mode: 0o700 });
  const memoryFiles = await fill(restore, imagesDirectory, directory);
  const path = join(directory, upperArchive);
  if (upper === undefined) await writeFile(path, emptyTar, { mode: 0o600 });
  // Not copied where both folders lie on one file system.
  else await link(upper, path).catch(() => copyFile(upper, path));
  return await describePackage(restore, directory, memoryFiles);
}
