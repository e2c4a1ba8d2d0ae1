import { MigrationError } from "../../errors.ts";
import type { Pagemap } from "./checkpoint-images.ts";
import type { Image } from "./image.ts";
import type { LoadedImages } from "./loaded-images.ts";
import { refuseNewerFormat } from "./newer-format.ts";
import { pageRuns } from "./page-runs.ts";
import { PagesFile } from "./pages-file.ts";

/** The pagemaps of a checkpoint, each checked against the size of its pages file. */
export class Pagemaps {
  readonly #processes = new Map<number, Pagemap>();
  readonly #sharedMemory = new Map<bigint, Pagemap>();
  readonly #files = new Map<string, PagesFile>();

  /** @throws MigrationError `image-corrupt`, `image-unsupported` */
  constructor(images: LoadedImages) {
    try {
      for (const { id, fileName, image } of images.all("pagemap")) {
        this.#processes.set(Number(id), this.#build(images.directory, fileName, image));
      }
      for (const { id, fileName, image } of images.all("pagemap-shmem")) {
        this.#sharedMemory.set(BigInt(id), this.#build(images.directory, fileName, image));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  ofProcess(pid: number): Pagemap | undefined {
    return this.#processes.get(pid);
  }

  ofSharedMemory(shmid: bigint | number): Pagemap | undefined {
    return this.#sharedMemory.get(BigInt(shmid));
  }

  read(pagemap: Pagemap, address: bigint, length: number): Uint8Array | undefined {
    return this.#files.get(pagemap.pagesFile)?.read(pagemap.runs, address, length);
  }

  close(): void {
    for (const file of this.#files.values()) {
      file.close();
    }
  }

  #build(directory: string, fileName: string, { head, entries }: Image<"pagemap" | "pagemap-shmem">): Pagemap {
    const { pages_id: pagesId } = head!;
    refuseNewerFormat("pagemap_head", head!, fileName);
    const { runs, size } = pageRuns(
      entries.map(({ message }) => message),
      fileName,
    );
    const pagesFile = `pages-${pagesId}.img`;
    const file = this.#files.get(pagesFile) ?? new PagesFile(directory, pagesFile);
    this.#files.set(pagesFile, file);
    if (file.size !== size) {
      throw new MigrationError("image-corrupt", `${pagesFile} has ${file.size} bytes, but ${fileName} tells of ${size}`, {
        remedy: "Take the checkpoint again, without compression, and see that the disk has room for it.",
        details: { file: pagesFile },
      });
    }
    return { pagesId, pagesFile, pagesSize: size, runs };
  }
}
