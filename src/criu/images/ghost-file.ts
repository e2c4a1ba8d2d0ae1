import { MigrationError } from "../../errors.ts";
import { readMessage } from "../protobuf/decode.ts";
import { Reader } from "../protobuf/reader.ts";
import type { GhostFile } from "./checkpoint-images.ts";
import type { ImageEntry } from "./image.ts";
import { type GhostFileEntry, ghostChunkEntry } from "./schema/index.ts";

/**
 * Takes an unlinked file's contents apart: raw to the end, or chunks with the holes between them left out
 * (CRIU v4.2, criu/files-reg.c, copy_file_from_chunks).
 * @throws MigrationError `image-corrupt`
 */
export function ghostFile({ message: entry, extra }: ImageEntry<GhostFileEntry>, file: string): GhostFile {
  const bytes = extra ?? new Uint8Array();
  const chunks = entry.chunks === true ? readChunks(bytes, file) : bytes.length === 0 ? [] : [{ offset: 0n, bytes }];
  const last = chunks.reduce((end, chunk) => maximum(end, chunk.offset + BigInt(chunk.bytes.length)), 0n);
  const size = entry.size ?? last;
  if (last > size) {
    throw new MigrationError("image-corrupt", `${file}: data to byte ${last} of a file of ${size} bytes`, {
      remedy: "Take the checkpoint again.",
      details: { file },
    });
  }
  return { entry, size, chunks };
}

function readChunks(bytes: Uint8Array, file: string): GhostFile["chunks"] {
  const reader = new Reader(bytes, `${file} (chunks)`);
  const chunks: GhostFile["chunks"][number][] = [];
  while (reader.left > 0) {
    const { len, off } = reader.within(reader.fixed32(), "ghost_chunk_entry", () => readMessage(reader, ghostChunkEntry));
    chunks.push({ offset: off, bytes: reader.take(len, "a chunk") });
  }
  return chunks;
}

function maximum(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
