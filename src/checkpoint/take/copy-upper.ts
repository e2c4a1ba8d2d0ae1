import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { packUpper } from "../../engine/docker/upper.ts";
import { MigrationError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { defaultLimits } from "../archive/limits.ts";
import { noSpace } from "../archive/write-member.ts";
import { checkRootfsFile } from "../rootfs/check-rootfs-file.ts";

/** Packs a writable layer into a file. @throws MigrationError `command-failed`, `no-space`, `cancelled` */
export async function copyUpper(host: Host, directory: string, path: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pipeline(packUpper(host, directory, { signal }), createWriteStream(path, { flags: "wx", mode: 0o600 }));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? noSpace(path, error) : error;
  }
}

/** What would be refused when the archive is read is refused when it is made. @throws MigrationError `cannot-carry` */
export async function checkUpper(path: string): Promise<void> {
  await checkRootfsFile(path, defaultLimits).catch((error: unknown) => {
    if (!(error instanceof MigrationError)) throw error;
    throw new MigrationError("cannot-carry", `the container's files can't go into an archive: ${error.message}`, {
      host: "local",
      remedy: "Remove what is named from the container, or move it with `migrate`.",
      details: error.details,
      cause: error,
    });
  });
}
