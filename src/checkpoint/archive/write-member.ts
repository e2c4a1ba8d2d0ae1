import { createHash } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors.ts";

export interface WrittenMember {
  readonly size: number;
  readonly sha256: string;
}

/**
 * Writes a new file below a folder of our own and sums it. Nothing there is followed or replaced.
 * @param path checked before
 */
export async function writeMember(folder: string, path: string, content: AsyncIterable<Uint8Array>): Promise<WrittenMember> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  await using file = await open(join(folder, path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? noSpace(folder, error) : error;
  }
  return { size, sha256: hash.digest("hex") };
}

export function noSpace(folder: string, cause: unknown): MigrationError {
  return new MigrationError("no-space", `there is no room left in ${folder}`, {
    host: "local",
    remedy: "Free some space there, or let XDG_STATE_HOME name a folder on a larger file system.",
    cause,
  });
}
