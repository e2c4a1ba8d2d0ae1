import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TarEntry } from "../../tar/read-tar.ts";
import type { ForeignArchive } from "../opened.ts";
import type { UnpackOptions } from "../unpack.ts";
import { parseDeletedFiles, parseForeignContainer } from "./documents.ts";
import { foreignImagesFolder } from "./members.ts";
import { unpackForeign } from "./unpack.ts";

type ForeignContent = Omit<ForeignArchive, "folder" | "compression" | "encrypted" | "archiveBytes" | typeof Symbol.asyncDispose>;

/** Unpacks an archive of podman's or the kubelet's and reads its records. @throws MigrationError `archive-refused`, `no-space` */
export async function openForeign(
  first: TarEntry,
  others: AsyncIterable<TarEntry>,
  options: UnpackOptions,
): Promise<ForeignContent> {
  const { folder } = options;
  const members = await unpackForeign(first, others, options);
  const text = (name: string) => readFile(join(folder, name), "utf8");
  const has = (name: string) => members.some(({ path }) => path === name);
  const container = parseForeignContainer(await text("config.dump"), await text("spec.dump"));
  return {
    format: "podman",
    members,
    container,
    imagesDirectory: join(folder, foreignImagesFolder),
    upper: has("rootfs-diff.tar") ? join(folder, "rootfs-diff.tar") : undefined,
    deletedFiles: has("deleted.files") ? parseDeletedFiles(await text("deleted.files")) : [],
    hostRequests: container.hostRequests,
  };
}
