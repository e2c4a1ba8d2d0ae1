import { createReadStream } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { compressionHeadBytes, compressionOf, decompressed } from "../../layers/compression.ts";
import { checkRootfsFile } from "../../rootfs/check-rootfs-file.ts";
import { checkRootfsTar } from "../../rootfs/check-rootfs-tar.ts";
import { ByteReader } from "../../tar/byte-reader.ts";
import type { TarEntry } from "../../tar/read-tar.ts";
import type { ArchivedFile, ForeignArchive } from "../opened.ts";
import type { UnpackOptions } from "../unpack.ts";
import { writeMember } from "../write-member.ts";
import { parseDeletedFiles } from "./deleted-files.ts";
import { parseForeignContainer } from "./documents.ts";
import { foreignImagesFolder, foreignLayerName } from "./members.ts";
import { unpackForeign } from "./unpack.ts";
import { writableLayer } from "./writable-layer.ts";

type ForeignContent = Omit<
  ForeignArchive,
  "folder" | "compression" | "encrypted" | "archiveBytes" | "engineStdio" | typeof Symbol.asyncDispose
>;

/** Unpacks an archive of podman's or the kubelet's and reads its records. @throws MigrationError `archive-refused`, `no-space` */
export async function openForeign(
  first: TarEntry,
  others: AsyncIterable<TarEntry>,
  options: UnpackOptions,
): Promise<ForeignContent> {
  const { folder } = options;
  const members = await plainLayer(await unpackForeign(first, others, options), options);
  const text = (name: string) => readFile(join(folder, name), "utf8");
  const has = (name: string) => members.some(({ path }) => path === name);
  const container = parseForeignContainer(await text("config.dump"), await text("spec.dump"));
  const upper = has(foreignLayerName) ? join(folder, foreignLayerName) : undefined;
  if (upper !== undefined) await checkRootfsFile(upper, options.limits);
  const deletedFiles = has("deleted.files") ? parseDeletedFiles(await text("deleted.files")) : [];
  // What it will be unpacked from, but for the image's folders.
  await using whole = new ByteReader(writableLayer({ upper, deletedFiles }, async () => undefined));
  await checkRootfsTar(whole, options.limits);
  return {
    format: "podman",
    members,
    container,
    imagesDirectory: join(folder, foreignImagesFolder),
    upper,
    deletedFiles,
    hostRequests: container.hostRequests,
  };
}

/** containerd compresses the layer: a plain one takes its place. */
async function plainLayer(members: readonly ArchivedFile[], { folder, budget }: UnpackOptions): Promise<readonly ArchivedFile[]> {
  const path = join(folder, foreignLayerName);
  const layer = members.find((member) => member.path === foreignLayerName);
  if (layer === undefined || compressionOf(await headOf(path)) !== "gzip") return members;
  const counted = async function* () {
    for await (const chunk of decompressed(createReadStream(path), "gzip")) {
      budget.spendMore(chunk.length);
      yield chunk;
    }
  };
  const plain = await writeMember(folder, `${foreignLayerName}.plain`, counted());
  await rename(join(folder, `${foreignLayerName}.plain`), path);
  return members.map((member) => (member === layer ? { path: member.path, ...plain } : member));
}

async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(compressionHeadBytes), 0, compressionHeadBytes, 0);
  return buffer.subarray(0, bytesRead);
}
