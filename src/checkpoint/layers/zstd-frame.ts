import { refusal } from "../archive/refusal.ts";
import { ByteReader } from "../tar/byte-reader.ts";

export const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd] as const;

/** What a decompressor keeps in memory: 128 MiB, the most that the `zstd` program takes without `--long`. */
const largestWindow = 2 ** 27;
/** RFC 8878, 3.1.1.2.3: Block_Maximum_Size. */
const largestBlock = 2 ** 17;
const [rle, reserved] = [1, 3];

/**
 * Passes on a stream that is exactly one zstd frame (RFC 8878, 3.1.1). The decompressor itself skips frames that hold no data and ignores
 * what follows, so that much could hide in an archive.
 * @throws MigrationError `archive-refused`: `compression-corrupt`, `compression-window`, `truncated`, `trailing-data`
 */
export async function* oneZstdFrame(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  await using reader = new ByteReader(chunks);
  const start = await reader.take(5);
  const descriptor = start[4] ?? 0;
  const header = await reader.take(headerLength(descriptor));
  checkWindow(descriptor, header);
  yield Buffer.concat([start, header]);
  for (let last = false; !last; ) {
    const block = await reader.take(3);
    const value = block[0]! | (block[1]! << 8) | (block[2]! << 16);
    last = (value & 1) === 1;
    const [type, size] = [(value >> 1) & 3, value >> 3];
    if (type === reserved || size > largestBlock) throw refusal("compression-corrupt", "a block of its zstd frame is damaged");
    yield Buffer.concat([block, await reader.take(type === rle ? 1 : size)]);
  }
  if ((descriptor & 4) !== 0) yield await reader.take(4);
  if (!(await reader.atEnd())) throw refusal("trailing-data", "there is data after its zstd frame");
}

function headerLength(descriptor: number): number {
  if ((descriptor & 8) !== 0) throw refusal("compression-corrupt", "the header of its zstd frame is damaged");
  if ((descriptor & 3) !== 0) throw refusal("compression-corrupt", "its zstd frame needs a dictionary");
  const oneSegment = (descriptor & 0x20) !== 0;
  const sizeLength = [oneSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return sizeLength + (oneSegment ? 0 : 1);
}

function checkWindow(descriptor: number, header: Uint8Array): void {
  const [first = 0] = header;
  const oneSegment = (descriptor & 0x20) !== 0;
  const window = oneSegment
    ? header.reduceRight((size, byte) => size * 256 + byte, 0)
    : 2 ** (10 + (first >> 3)) * (1 + (first & 7) / 8);
  if (window > largestWindow) throw refusal("compression-window", `its zstd frame needs ${window} bytes of memory`);
}
