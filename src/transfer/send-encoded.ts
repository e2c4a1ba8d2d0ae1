import { Readable } from "node:stream";
import type { Codec } from "./codec.ts";
import { countBytes } from "./count-bytes.ts";
import { limitRate } from "./limit-rate.ts";

export interface SendEncodedOptions {
  readonly codec: Codec;
  /** Bytes per second of what goes over the link. */
  readonly bytesPerSecond: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes went over the link, in sum. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Told of pieces of the content that are not needed any more; not of all of them. */
  readonly onDone?: ((piece: Buffer) => void) | undefined;
}

/**
 * Sends a stream over the link: compressed, and no faster than was asked for.
 * @param receive takes what comes on the other machine, where the codec's decoder undoes it
 * @returns bytes that went over the link
 */
export async function sendEncoded(
  content: Readable,
  { codec, bytesPerSecond, signal, onBytes, onDone }: SendEncodedOptions,
  receive: (input: Readable) => Promise<void>,
): Promise<number> {
  let bytes = 0;
  const encoded = codec.encode(content, onDone);
  const counted = countBytes((more) => {
    bytes += more;
    onBytes?.(bytes);
  });
  const limited = limitRate(encoded, bytesPerSecond, signal);
  try {
    await receive(Readable.from(counted(limited), { highWaterMark: 1 }));
  } finally {
    // The receiver may have failed: nothing shall go on reading.
    encoded.destroy();
    content.destroy();
  }
  return bytes;
}
