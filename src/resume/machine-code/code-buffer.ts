/** Bytes of code that grow. */
export class CodeBuffer {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(...bytes: readonly number[]): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  raw32(value: number): void {
    this.raw(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255);
  }

  raw64(value: bigint): void {
    this.raw32(Number(value & 0xffff_ffffn));
    this.raw32(Number(value >> 32n));
  }

  /** A copy. */
  content(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
