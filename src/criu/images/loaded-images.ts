import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors.ts";
import { decodeImage } from "./decode-image.ts";
import type { Image, ImageEntry } from "./image.ts";
import { readImageFile } from "./image-file.ts";
import { type EntryOf, type ImageKindName, imageKindOf, imageKinds } from "./kinds.ts";

/** Kinds that say nothing about how to go on, and those that may be larger than memory: see ghost-file.ts. */
const skipped: ReadonlySet<ImageKindName> = new Set(["stats", "irmap-cache", "ghost-file"]);

/** Old CRIU's parts of other images: nothing here would look for them, so their absence elsewhere would go unseen. */
const refused: ReadonlySet<ImageKindName> = new Set([
  "eventpoll-tfd",
  "inotify-wd",
  "fanotify-mark",
  "vmas",
  "creds",
  "sigacts",
  "itimers",
  "posix-timers",
  "rlimit",
  "signal",
]);

/** All images of a directory, decoded. */
export class LoadedImages {
  readonly directory: string;
  readonly #images: ReadonlyMap<string, Image<ImageKindName>>;

  private constructor(directory: string, images: ReadonlyMap<string, Image<ImageKindName>>) {
    this.directory = directory;
    this.#images = images;
  }

  /** @throws MigrationError `image-corrupt`, `image-unsupported` */
  static async load(directory: string): Promise<LoadedImages> {
    const names = await readdir(directory).catch((cause: unknown) => {
      throw new MigrationError("image-corrupt", `the image directory ${directory} can't be read`, { cause });
    });
    const images = new Map<string, Image<ImageKindName>>();
    for (const name of names) {
      const kind = imageKindOf(name);
      if (kind === undefined || skipped.has(kind)) {
        continue;
      }
      const bytes = await readImageFile(join(directory, name), { hasData: imageKinds[kind].extra !== undefined });
      const image = decodeImage(kind, bytes, name);
      refuseLegacy(image, name);
      images.set(name, image);
    }
    return new LoadedImages(directory, images);
  }

  /** An image by its file name; undefined when there is none. */
  image<Kind extends ImageKindName>(kind: Kind, fileName: string): Image<Kind> | undefined {
    const image = this.#images.get(fileName);
    return image?.kind === kind ? (image as Image<Kind>) : undefined;
  }

  /** The entries of an image, by default of the one file of this kind; empty when there is no such file. */
  entries<Kind extends ImageKindName>(kind: Kind, fileName = `${kind}.img`): readonly ImageEntry<EntryOf<Kind>>[] {
    return this.image(kind, fileName)?.entries ?? [];
  }

  messages<Kind extends ImageKindName>(kind: Kind, fileName?: string): readonly EntryOf<Kind>[] {
    return this.entries(kind, fileName).map((entry) => entry.message);
  }

  /** All images of a kind with the ids in their names, as written there. */
  *all<Kind extends ImageKindName>(kind: Kind): Iterable<{ id: string; fileName: string; image: Image<Kind> }> {
    for (const [fileName, image] of this.#images) {
      if (image.kind === kind) {
        yield { id: imageKinds[kind].pattern.exec(fileName)?.[1] ?? "", fileName, image: image as Image<Kind> };
      }
    }
  }
}

function refuseLegacy({ kind, entries }: Image<ImageKindName>, name: string): void {
  if (refused.has(kind) && entries.length > 0) {
    throw new MigrationError("image-unsupported", `${name}: an image of this kind is written by CRIU before version 3 only`, {
      remedy: "Take the checkpoint with CRIU 4.2.",
      details: { file: name },
    });
  }
}
