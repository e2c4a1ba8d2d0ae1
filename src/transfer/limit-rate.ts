import { setTimeout } from "node:timers/promises";

/** Seconds' worth of bytes that go out at once. */
const burst = 0.1;

/**
 * Lets at most so many bytes pass in a second.
 * @param bytesPerSecond undefined: as many as there are
 */
export async function* limitRate(
  source: AsyncIterable<Buffer>,
  bytesPerSecond: number | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  if (bytesPerSecond === undefined) return yield* source;
  const most = Math.max(1, Math.floor(bytesPerSecond * burst));
  /** When what has passed so far is paid for, in milliseconds. */
  let due = performance.now();
  for await (const chunk of source) {
    for (let offset = 0; offset < chunk.length; offset += most) {
      const piece = chunk.subarray(offset, offset + most);
      const now = performance.now();
      if (due > now) await setTimeout(due - now, undefined, { ...(signal === undefined ? {} : { signal }) });
      // A pause of the reader's is not made up for by a faster flow.
      due = Math.max(due, now) + (piece.length / bytesPerSecond) * 1000;
      yield piece;
    }
  }
}
