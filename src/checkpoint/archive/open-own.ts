import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReadContainerFile } from "../../resume/cpu/modules.ts";
import { checkRootfsFile } from "../rootfs/check-rootfs-file.ts";
import type { TarEntry } from "../tar/read-tar.ts";
import { parseContainerRecord, parseImageRecord } from "./container-record.ts";
import { hostRequests } from "./host-requests.ts";
import {
  type ArchivedExecutable,
  containerRecordName,
  imagePartsFolder,
  imageRecordName,
  imagesFolder,
  upperName,
} from "./manifest.ts";
import type { OwnArchive } from "./opened.ts";
import { refusal } from "./refusal.ts";
import { type UnpackOptions, unpackOwn } from "./unpack.ts";

type OwnContent = Omit<OwnArchive, "folder" | "compression" | "encrypted" | "archiveBytes" | typeof Symbol.asyncDispose>;

/** Unpacks an archive of our own and reads its records. @throws MigrationError `archive-refused`, `no-space` */
export async function openOwn(first: TarEntry, others: AsyncIterable<TarEntry>, options: UnpackOptions): Promise<OwnContent> {
  const { folder } = options;
  const manifest = await unpackOwn(first, others, options);
  const record = parseContainerRecord(await readFile(join(folder, containerRecordName), "utf8"), manifest);
  const imageRecord = parseImageRecord(await readFile(join(folder, imageRecordName), "utf8"), manifest);
  const parts = new Set(manifest.members.map(({ path }) => path).filter((path) => path.startsWith(`${imagePartsFolder}/`)));
  const imagePart = (digest: string) => {
    const member = `${imagePartsFolder}/${digest.replace("sha256:", "")}`;
    return parts.has(member) ? join(folder, member) : undefined;
  };
  const wanted = [manifest.image.id, ...manifest.image.layers];
  if (parts.size > 0 && wanted.some((digest) => imagePart(digest) === undefined)) {
    throw refusal("missing-member", "a part of its image is missing");
  }
  if (parts.size > new Set(wanted).size) throw refusal("unknown-member", "it has parts of another image");
  const upper = join(folder, upperName);
  await checkRootfsFile(upper, options.limits);
  return {
    format: "migrate-container",
    manifest,
    members: manifest.members,
    record,
    imageRecord,
    imagesDirectory: join(folder, imagesFolder),
    upper,
    hostRequests: hostRequests(record),
    readFile: executableReader(folder, manifest.executables),
    imagePart,
  };
}

/** The paths are names only: no file of this machine is looked up by them. */
function executableReader(folder: string, executables: readonly ArchivedExecutable[]): ReadContainerFile {
  const members = new Map(executables.map(({ path, member }) => [path, member]));
  return (path) => {
    const member = members.get(path);
    return member === undefined ? undefined : readFileSync(join(folder, member));
  };
}
