import { availableParallelism } from "node:os";
import { type Duplex, pipeline, type Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createGzip, zstdCompress } from "node:zlib";
import { execa } from "execa";

export const codecNames = ["zstd", "lz4", "gzip", "none"] as const;
export type CodecName = (typeof codecNames)[number];

/** A way to compress what is sent, and the program that undoes it on the other machine. */
export interface Codec {
  readonly name: CodecName;
  /** Reads from standard input, writes to standard output. Undefined where nothing needs undoing. */
  readonly decoder: string | undefined;
  /** The program that `encode` needs on this machine. Undefined where Node.js has it built in. */
  readonly encoder: string | undefined;
  /**
   * @param input in pieces of at most 1 MiB; its errors are those of the result
   * @param done told of pieces that are not needed any more; not of all of them
   */
  encode(input: Readable, done?: ((piece: Buffer) => void) | undefined): Readable;
}

const compressPiece = promisify(zstdCompress);

/** With room for all that can come of a piece (ZSTD_COMPRESSBOUND): Node.js would make buffers of 16 KiB, and copy them together. */
const zstdOptions = (bytes: number) => ({
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
  chunkSize: bytes + (bytes >> 8) + 64,
});

export const codecs: Readonly<Record<CodecName, Codec>> = {
  zstd: {
    name: "zstd",
    decoder: "zstd -dc",
    encoder: undefined,
    // Each piece becomes a frame of its own, on all cores; frames may follow one another (RFC 8878, section 3.1). Node's own
    // ZSTD_c_nbWorkers breaks streams ("stream.push() after EOF", Node 26.10).
    encode: (input, done) =>
      input.map(
        async (piece: Buffer) => {
          const encoded = await compressPiece(piece, zstdOptions(piece.length));
          done?.(piece);
          return encoded;
        },
        { concurrency: availableParallelism() },
      ),
  },
  lz4: {
    name: "lz4",
    decoder: "lz4 -dc",
    encoder: "lz4",
    // In blocks of 256 KiB: of its own 4 MiB nothing can be taken there before all of a block has arrived.
    encode: (input) => through(input, execa("lz4", ["-1", "-c", "-q", "-B5"], { buffer: false, encoding: "buffer" }).duplex()),
  },
  gzip: {
    name: "gzip",
    decoder: "gzip -dc",
    encoder: undefined,
    encode: (input) => through(input, createGzip({ level: 1, chunkSize: 1 << 18 })),
  },
  none: { name: "none", decoder: undefined, encoder: undefined, encode: (input) => input },
};

function through(input: Readable, transform: Duplex): Readable {
  return pipeline(input, transform, () => {}); // what breaks either of them destroys the result with it
}
