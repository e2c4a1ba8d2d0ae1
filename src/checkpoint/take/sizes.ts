import { type ArchiveManifest, executablesFolder, imagePartsFolder, imagesFolder, upperName } from "../archive/manifest.ts";

/** Bytes. */
export interface CheckpointSizes {
  /** Of the file. */
  readonly archive: number;
  /** Of all members. */
  readonly unpacked: number;
  /** Of the pages of memory. */
  readonly memory: number;
  readonly images: number;
  readonly upper: number;
  readonly executables: number;
  readonly image: number;
}

export function sizesOf({ members }: ArchiveManifest, archive: number): CheckpointSizes {
  const sum = (matches: (path: string) => boolean) =>
    members.filter(({ path }) => matches(path)).reduce((total, { size }) => total + size, 0);
  return {
    archive,
    unpacked: sum(() => true),
    memory: sum((path) => path.startsWith(`${imagesFolder}/pages-`)),
    images: sum((path) => path.startsWith(`${imagesFolder}/`)),
    upper: sum((path) => path === upperName),
    executables: sum((path) => path.startsWith(`${executablesFolder}/`)),
    image: sum((path) => path.startsWith(`${imagePartsFolder}/`)),
  };
}
