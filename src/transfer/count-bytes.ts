/**
 * Passes pieces on and tells the size of each.
 * @param onPiece told the bytes of one piece, before it goes on
 */
export function countBytes(onPiece: (bytes: number) => void): (source: AsyncIterable<unknown>) => AsyncGenerator<Buffer> {
  return async function* count(source) {
    for await (const piece of source) {
      onPiece((piece as Buffer).length);
      yield piece as Buffer;
    }
  };
}
