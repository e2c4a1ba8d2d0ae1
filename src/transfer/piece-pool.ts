import { open } from "node:fs/promises";

/** Bytes. */
export const pieceBytes = 1 << 20;

/**
 * Pieces of files, read into memory that is used again. V8 collects garbage for every few dozen MiB of buffers, however small its own heap is; while it does,
 * nothing is written to the link, and what waits in a pipe is sent within two milliseconds.
 */
export class PiecePool {
  readonly #free: Buffer[] = [];
  readonly #whole = new WeakMap<Buffer, Buffer>();

  /** The bytes of a file from `start` up to `end`. */
  async *read(path: string, { start = 0, end }: { readonly start?: number; readonly end: number }): AsyncGenerator<Buffer> {
    await using file = await open(path);
    for (let position = start; position < end; ) {
      const whole = this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
      const { bytesRead } = await file.read(whole, 0, Math.min(whole.length, end - position), position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const piece = whole.subarray(0, bytesRead);
      this.#whole.set(piece, whole);
      yield piece;
    }
  }

  /** Takes back what nobody needs any more. Anything else is left alone. */
  give(piece: Buffer): void {
    const whole = this.#whole.get(piece);
    if (whole === undefined) return;
    this.#whole.delete(piece);
    this.#free.push(whole);
  }
}
