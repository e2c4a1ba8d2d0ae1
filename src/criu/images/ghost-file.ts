import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors.ts";
import { readMessage } from "../protobuf/decode.ts";
import { Reader } from "../protobuf/reader.ts";
import type { MessageSchema } from "../protobuf/schema.ts";
import type { GhostFile } from "./checkpoint-images.ts";
import { imageKinds } from "./kinds.ts";
import { commonMagic, magic } from "./magic.ts";
import { ghostChunkEntry, ghostFileEntry } from "./schema/index.ts";

/** An entry is a handful of numbers and at most the target of a symbolic link. */
const largestEntry = 64 * 1024;

/**
 * The unlinked files of a checkpoint: what is known of each, and where in its image its contents lie. The contents themselves
 * stay where they are: they may be larger than memory.
 * @returns by ghost id
 * @throws MigrationError `image-corrupt`
 */
export async function readGhostFiles(directory: string): Promise<ReadonlyMap<number, GhostFile>> {
  const ghosts = new Map<number, GhostFile>();
  for (const name of await readdir(directory)) {
    const id = imageKinds["ghost-file"].pattern.exec(name)?.[1];
    if (id !== undefined) ghosts.set(Number.parseInt(id, 16), await readGhostFile(directory, name));
  }
  return ghosts;
}

/** Contents are raw to the end, or chunks with the holes between them left out (CRIU v4.2, criu/files-reg.c, copy_file_from_chunks). */
async function readGhostFile(directory: string, image: string): Promise<GhostFile> {
  const path = join(directory, image);
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      throw corrupt(image, "can't be opened as an image", cause);
    },
  );
  const stats = await file.stat();
  if (!stats.isFile()) throw corrupt(image, "is no regular file");
  const cursor = new Cursor(file, image, stats.size);
  const first = await cursor.readWord();
  if ((first === commonMagic ? await cursor.readWord() : first) !== magic.GHOST_FILE) throw corrupt(image, "has another magic");
  const entry = await cursor.readMessage(ghostFileEntry);
  const chunks: GhostFile["chunks"][number][] = [];
  while (cursor.left > 0) {
    const { len, off } =
      entry.chunks === true ? await cursor.readMessage(ghostChunkEntry) : { len: BigInt(cursor.left), off: 0n };
    chunks.push({ offset: off, length: len, imageOffset: BigInt(cursor.position) });
    cursor.skip(len, entry.chunks === true ? "(chunks)" : "");
  }
  const last = chunks.reduce((end, { offset, length }) => (offset + length > end ? offset + length : end), 0n);
  const size = entry.size ?? last;
  if (last > size) throw corrupt(image, `data to byte ${last} of a file of ${size} bytes`);
  return { entry, image, size, chunks };
}

/** Reads an image piece by piece. */
class Cursor {
  position = 0;
  readonly #file: FileHandle;
  readonly #name: string;
  readonly #size: number;

  constructor(file: FileHandle, name: string, size: number) {
    this.#file = file;
    this.#name = name;
    this.#size = size;
  }

  get left(): number {
    return this.#size - this.position;
  }

  skip(length: bigint, what: string): void {
    if (length > this.left) throw corrupt(this.#name, `${what} has ${length} bytes, but ${this.left} are left`.trimStart());
    this.position += Number(length);
  }

  async readWord(): Promise<number> {
    return (await this.#read(4)).readUInt32LE();
  }

  async readMessage<Value>(schema: MessageSchema<Value>): Promise<Value> {
    const length = await this.readWord();
    if (length > largestEntry) throw corrupt(this.#name, `${schema.name} has ${length} bytes`);
    const reader = new Reader(await this.#read(length), this.#name);
    return reader.within(length, schema.name, () => readMessage(reader, schema));
  }

  async #read(length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(length), 0, length, this.position);
    if (bytesRead < length) throw corrupt(this.#name, `ends at byte ${this.position + bytesRead}`);
    this.position += length;
    return buffer;
  }
}

function corrupt(file: string, why: string, cause?: unknown): MigrationError {
  return new MigrationError("image-corrupt", `${file}: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    remedy: "Take the checkpoint again.",
    details: { file },
  });
}
