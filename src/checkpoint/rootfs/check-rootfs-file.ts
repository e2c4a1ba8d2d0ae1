import { createReadStream } from "node:fs";
import type { ArchiveLimits } from "../archive/limits.ts";
import { ByteReader } from "../tar/byte-reader.ts";
import { checkRootfsTar } from "./check-rootfs-tar.ts";

/** As `checkRootfsTar`, of a file. */
export async function checkRootfsFile(path: string, limits: ArchiveLimits): Promise<void> {
  await using reader = new ByteReader(createReadStream(path, { highWaterMark: 1 << 18 }));
  await checkRootfsTar(reader, limits);
}
