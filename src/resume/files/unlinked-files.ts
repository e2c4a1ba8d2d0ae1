import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointImages, GhostFile } from "../../criu/images/checkpoint-images.ts";
import { type FileEntry, type RegFileEntry, type RemapFilePathEntry, remapType } from "../../criu/images/schema/index.ts";
import { MigrationError } from "../../errors.ts";
import { absolutePath } from "../process.ts";
import { temporaryFolders } from "./temporary-files.ts";

/** A file that is open, mapped or executed though its name is gone, and all that have it so. */
export interface UnlinkedFile {
  readonly id: number;
  readonly ghost: GhostFile;
  /** Each is an open file description of its own; a mapping and an executable have one too. */
  readonly descriptions: readonly RegFileEntry[];
  /** A name that it had. */
  readonly path: string;
}

export const fileTypeMask = 0o170000;
export const fileTypes = {
  FIFO: 0o010000,
  CHARACTER: 0o020000,
  DIRECTORY: 0o040000,
  BLOCK: 0o060000,
  REGULAR: 0o100000,
  LINK: 0o120000,
} as const;

const largestProgram = 1n << 30n;
const carriedTypes: readonly number[] = [fileTypes.REGULAR, fileTypes.DIRECTORY, fileTypes.LINK, fileTypes.FIFO];

/** The unlinked files of a checkpoint, those in other unlinked folders after these. */
export function unlinkedFiles(images: CheckpointImages): UnlinkedFile[] {
  const remaps = carriedRemaps(images).filter(({ remap_type }) => remap_type !== remapType.values.LINKED);
  return [...Map.groupBy(remaps, ({ remap_id }) => remap_id)]
    .map(([id, entries]): UnlinkedFile => {
      const descriptions = entries.map(({ orig_id }) => images.files.get(orig_id)!.reg!);
      return { id, ghost: images.ghost(id)!, descriptions, path: absolutePath(descriptions[0]!.name) };
    })
    .toSorted((a, b) => Number(isDirectory(b)) - Number(isDirectory(a)) || depth(a) - depth(b));
}

/** A file that was opened under a name that is gone, while it still has another. */
interface LinkedFile {
  /** The name that CRIU gave it for the dump. */
  readonly link: string;
  readonly descriptions: readonly RegFileEntry[];
}

/** The files of memory file systems that were opened under another name. */
export function linkedElsewhere(images: CheckpointImages): LinkedFile[] {
  const remaps = carriedRemaps(images).filter(({ remap_type }) => remap_type === remapType.values.LINKED);
  return [...Map.groupBy(remaps, ({ remap_id }) => remap_id)].map(([id, entries]) => ({
    link: absolutePath(nameOf(images.files.get(id))),
    descriptions: entries.map(({ orig_id }) => images.files.get(orig_id)!.reg!),
  }));
}

function carriedRemaps(images: CheckpointImages): RemapFilePathEntry[] {
  return [...images.remaps.values()].filter(({ orig_id: id }) => unlinkedReasons(images, id).length === 0);
}

/**
 * The contents of an executable or a library.
 * @throws MigrationError `image-unsupported` when there are too many to look through
 */
export function readContents({ directory }: CheckpointImages, { image, size, chunks }: GhostFile): Uint8Array {
  if (size > largestProgram)
    throw new MigrationError("image-unsupported", `${image}: a deleted file of ${size} bytes that is mapped`, {
      remedy: "Restart the program, so that it maps the file that is there now.",
      details: { file: image },
    });
  const bytes = readFileSync(join(directory, image));
  const contents = new Uint8Array(Number(size));
  for (const { offset, length, imageOffset } of chunks)
    contents.set(bytes.subarray(Number(imageOffset), Number(imageOffset + length)), Number(offset));
  return contents;
}

export function isDirectory({ ghost: { entry } }: UnlinkedFile): boolean {
  return (entry.mode & fileTypeMask) === fileTypes.DIRECTORY;
}

const depth = ({ path }: UnlinkedFile): number => path.split("/").length;

/** Why a file that has lost its name can't be made anew, for people; empty when it can, or has not lost it. */
export function unlinkedReasons(images: CheckpointImages, id: number): string[] {
  const remap = images.remaps.get(id);
  if (remap === undefined) return [];
  const name = absolutePath(nameOf(images.files.get(id)));
  if (remap.remap_type === remapType.values.PROCFS) return [`${name} of a process that has ended`];
  if (remap.remap_type === remapType.values.LINKED) {
    // CRIU's name for it is gone after the dump, but where the dump holds the folder's files.
    const link = absolutePath(nameOf(images.files.get(remap.remap_id)));
    const isInDump = temporaryFolders(images).some(({ files }) => files.some(({ path }) => path === link));
    return isInDump ? [] : [`the file ${name}, which has only another name now`];
  }
  const ghost = images.ghost(remap.remap_id);
  if (ghost === undefined) return [`the deleted file ${name}, which the images do not hold`];
  return carriedTypes.includes(ghost.entry.mode & fileTypeMask) ? [] : [`the deleted device ${name}`];
}

function nameOf(file: FileEntry | undefined): string {
  return file?.reg?.name ?? "?";
}
