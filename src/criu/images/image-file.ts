import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { MigrationError } from "../../errors.ts";

const mebibyte = 1024 * 1024;

/**
 * Images hold tables; pages and file contents are elsewhere. The largest in practice is the pagemap of a fragmented
 * address space, at some 14 bytes a run.
 */
const largestTable = 64 * mebibyte;
/** Images with raw data: pipes, sockets. */
const largestWithData = 1024 * mebibyte;

/**
 * Reads an image file whole. A symbolic link or a device is refused: an image directory may come from elsewhere, and a
 * link in it would lead out of it.
 * @throws MigrationError `image-corrupt` when it is no regular file, `image-unsupported` when it is too large
 */
export async function readImageFile(path: string, { hasData }: { hasData: boolean }): Promise<Uint8Array> {
  const largest = hasData ? largestWithData : largestTable;
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      throw new MigrationError("image-corrupt", `${path} can't be opened as an image`, {
        cause,
        remedy: "Take the checkpoint again.",
      });
    },
  );
  const stats = await file.stat();
  if (!stats.isFile()) {
    throw new MigrationError("image-corrupt", `${path} is no regular file`, { remedy: "Take the checkpoint again." });
  }
  if (stats.size > largest) {
    throw new MigrationError(
      "image-unsupported",
      `${path} has ${stats.size} bytes, more than the ${largest} that are supported`,
      {
        remedy: "Let the program empty its queues before the move.",
      },
    );
  }
  return await file.readFile();
}
