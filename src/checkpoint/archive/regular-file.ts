import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { MigrationError, messageOf } from "../../errors.ts";

/**
 * Opens an archive to read it. A named pipe or a device, which would never end, is refused.
 * @throws MigrationError `usage`
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
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
