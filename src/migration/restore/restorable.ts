import { stat } from "node:fs/promises";
import type { ArchivedImage, ArchiveSource } from "../../checkpoint/archive/manifest.ts";
import type { ArchivedFile, OwnArchive } from "../../checkpoint/archive/opened.ts";
import type { ContainerRecord, DockerEngine, ImageRecord } from "../../engine/docker/engine.ts";
import type { ReadContainerFile } from "../../resume/cpu/modules.ts";

/** The container that is made, before its first start. */
export interface MadeContainer {
  readonly engine: DockerEngine;
  readonly id: string;
}

/** What a container is made of, whoever wrote the archive. */
export interface Restorable {
  /** As its engine had it. Give it to `createLike` only through `withoutHostRequests`. */
  readonly record: ContainerRecord;
  readonly imageRecord: ImageRecord;
  readonly image: Pick<ArchivedImage, "id" | "name" | "layers">;
  /** The file with a part of the image (`sha256:…`); undefined where the image isn't in the archive. */
  readonly imagePart: (digest: string) => string | undefined;
  /** Of the machine that it was taken on, as far as it is known. */
  readonly source: Pick<ArchiveSource, "architecture" | "kernel" | "cpuFlags">;
  /** The folder of CRIU's images, as Docker's container has them. */
  readonly imagesDirectory: string;
  /** eventfds that count down by one: `<pid>:<descriptor>`. */
  readonly semaphores: ReadonlySet<string>;
  readonly members: readonly ArchivedFile[];
  /** Bytes of the writable layer. */
  readonly writableBytes: number;
  /** What people must know of it. */
  readonly notes: readonly string[];
  /** Reads the container's executables. */
  readonly executables: (made: MadeContainer) => Promise<ReadContainerFile>;
  /** The file with the writable layer; undefined: the container wrote nothing. */
  readonly upper: (made: MadeContainer) => Promise<string | undefined>;
}

/** An archive of our own has all of it. */
export async function ownRestorable(archive: OwnArchive): Promise<Restorable> {
  const { manifest, record, imageRecord, imagePart, imagesDirectory, members, upper, readFile } = archive;
  return {
    ...{ record, imageRecord, imagePart, imagesDirectory, members },
    image: manifest.image,
    source: manifest.source,
    semaphores: new Set(manifest.semaphores),
    writableBytes: await bytesOf(upper),
    notes: [],
    executables: async () => readFile,
    upper: async () => upper,
  };
}

/** @param upper the file with a writable layer; undefined: nothing was written */
export async function bytesOf(upper: string | undefined): Promise<number> {
  return upper === undefined ? 0 : (await stat(upper)).size;
}
