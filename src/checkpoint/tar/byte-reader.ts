import { refusal } from "../archive/refusal.ts";

/** Reads exact numbers of bytes from a stream of chunks. Holds one chunk at a time. */
export class ByteReader implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** @throws MigrationError `archive-refused`, `truncated` @param length small: it is allocated */
  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let done = 0;
    for await (const piece of this.stream(length)) {
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }

  /** Whether nothing more comes. */
  async atEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** All that is left, in pieces. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (await this.#fill()) yield* this.stream(this.#rest.length);
  }

  /** The next bytes in pieces, which must be read to their end. @throws MigrationError `archive-refused`, `truncated` */
  async *stream(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (!(await this.#fill())) throw refusal("truncated", `it ends ${left} bytes too early`);
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      this.#position += piece.length;
      left -= piece.length;
      yield piece;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#rest = next.value;
    }
    return true;
  }
}
