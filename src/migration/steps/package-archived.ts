import { copyFile, link, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tarEnd } from "../../checkpoint/tar/write-entry.ts";
import type { Restore } from "../restore/restore.ts";
import { describePackage, packageDirectory, upperArchive } from "./package.ts";

/**
 * Puts together all that the target needs, of an archive.
 * @param fill puts in what the strategy needs beside the writable layer; gives the names of the files that hold memory
 */
export async function packageArchived(
  restore: Restore,
  fill: (restore: Restore, images: string, directory: string) => Promise<readonly string[]>,
): Promise<string> {
  const { archive, target, targetContainerId: id } = restore;
  const upper = await archive.upper({ engine: target.engine, id: id! });
  const directory = packageDirectory(restore);
  await mkdir(directory, { mode: 0o700 });
  const memoryFiles = await fill(restore, archive.imagesDirectory, directory);
  const path = join(directory, upperArchive);
  if (upper === undefined) await writeFile(path, tarEnd, { mode: 0o600 });
  // Not copied where both folders lie on one file system.
  else await link(upper, path).catch(() => copyFile(upper, path));
  return await describePackage(restore, directory, memoryFiles);
}
