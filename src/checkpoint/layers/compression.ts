import { PassThrough, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress, type Zlib } from "node:zlib";
import { MigrationError } from "../../errors.ts";
import { refusal } from "../archive/refusal.ts";
import type { Compression } from "../compressions.ts";
import { oneZstdFrame, zstdMagic } from "./zstd-frame.ts";

const chunkSize = 1 << 18;
const tarMagicOffset = 257;
/** As many bytes as tell how an archive is compressed. */
export const compressionHeadBytes = tarMagicOffset + 5;

/** @returns undefined when it is neither a tar archive nor a compressed one */
export function compressionOf(head: Uint8Array): Compression | undefined {
  if (zstdMagic.every((byte, index) => head[index] === byte)) return "zstd";
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  return Buffer.from(head.subarray(tarMagicOffset)).toString("latin1") === "ustar" ? "none" : undefined;
}

/** A stream that compresses. Frames of zstd get a checksum. */
export function compressor(compression: Compression): Transform {
  switch (compression) {
    case "zstd":
      return createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    case "gzip":
      return createGzip({ chunkSize });
    case "none":
      return new PassThrough();
  }
}

/**
 * Writes a stream into a compressor and ends it. Every piece is taken in before the end is told: Node.js ends a zstd frame with the last
 * piece when it knows it to be the last one, and then adds an empty frame for the end itself (seen with 26.10).
 */
export async function feed(chunks: AsyncIterable<Uint8Array>, engine: Transform): Promise<void> {
  for await (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => {
      engine.write(chunk, (error) => (error == null ? resolve() : reject(error)));
    });
  }
  engine.end();
}

/**
 * Decompresses a stream that is one zstd frame or one gzip member, in pieces of at most 256 KiB.
 * @throws MigrationError `archive-refused`: `compression-corrupt`, `compression-window`, `truncated`, `trailing-data`
 */
export async function* decompressed(chunks: AsyncIterable<Uint8Array>, compression: Compression): AsyncGenerator<Uint8Array> {
  if (compression === "none") yield* chunks;
  else if (compression === "zstd") yield* through(oneZstdFrame(chunks), createZstdDecompress({ chunkSize }));
  else yield* through(chunks, createGunzip({ chunkSize }));
}

async function* through(chunks: AsyncIterable<Uint8Array>, engine: Transform & Zlib): AsyncGenerator<Uint8Array> {
  let fed = 0;
  const counted = async function* () {
    for await (const chunk of chunks) {
      fed += chunk.length;
      yield chunk;
    }
  };
  const feeding = pipeline(counted, engine);
  // It destroys the engine too, which ends the loop below with the same error.
  feeding.catch(() => {});
  let produced = 0;
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      produced += chunk.length;
      yield chunk;
    }
    await feeding.catch((error: unknown) => {
      // The engine ended before its input did.
      throw isEarlyEnd(error) ? trailing(error) : error;
    });
    if (engine.bytesWritten < fed) throw trailing(undefined);
  } catch (error) {
    throw named(error, produced);
  } finally {
    engine.destroy();
  }
}

const trailing = (cause: unknown) => refusal("trailing-data", "there is data after its compressed stream", { cause });

function isEarlyEnd(error: unknown): boolean {
  return ["ABORT_ERR", "ERR_STREAM_PREMATURE_CLOSE"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function named(error: unknown, produced: number): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (error instanceof MigrationError) return error;
  if (code === "Z_BUF_ERROR") return refusal("truncated", "its compressed stream ends too early", { cause: error });
  // zlib takes what follows a member for another one.
  if (code === "Z_DATA_ERROR" && produced > 0 && message.includes("header check")) return trailing(error);
  if (/^(Z_|ZSTD_|ERR_ZLIB)/.test(code))
    return refusal("compression-corrupt", `its compressed stream is damaged (${message})`, { cause: error });
  return error;
}
