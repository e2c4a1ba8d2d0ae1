/** Collects the bytes of messages; the buffer doubles when it is full. */
export class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  uint32(value: number): void {
    const bytes = this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  uint64(value: bigint): void {
    const bytes = this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    bytes[this.#length++] = Number(rest);
  }

  fixed32(value: number): void {
    const bytes = this.#reserve(4);
    new DataView(bytes.buffer).setUint32(this.#length, value, true);
    this.#length += 4;
  }

  fixed64(value: bigint): void {
    const bytes = this.#reserve(8);
    new DataView(bytes.buffer).setBigUint64(this.#length, value, true);
    this.#length += 8;
  }

  #reserve(more: number): Uint8Array {
    if (this.#length + more > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
