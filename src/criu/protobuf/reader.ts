import { MigrationError } from "../../errors.ts";
import { largestUint32 } from "./wire.ts";

/** Messages within messages: cgroup trees are the deepest that CRIU writes. A corrupt image must not exhaust the stack. */
const deepestNesting = 64;

/** Each level has two places: the message and its field. */
const mostPlaces = 2 * deepestNesting;

/**
 * Messages, strings and byte strings in one image. Two bytes can become an object of a hundred, so a corrupt image could
 * take fifty times its size of memory. The most that is to be expected is one for each run of a pagemap.
 */
const mostObjects = 4_000_000;

/** Reads an image's bytes in order. Every read is bounded by the bytes left; every error names the file and the place. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly file: string;
  /** Offset in the file. */
  position = 0;
  /** The end of what may be read: of the file, or of the message at hand. */
  end: number;
  /** What is being read, for errors: `core_entry.thread_info`. */
  place: string[] = [];
  readonly #view: DataView;
  #objectsLeft = mostObjects;
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array, file: string) {
    // A Buffer would give Buffers: what is decoded must not depend on who read the file.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
    this.end = bytes.byteLength;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.end - this.position;
  }

  /** An error at the current place, to be thrown. */
  corrupt(why: string): MigrationError {
    return this.#error("image-corrupt", `${why}: the image is damaged or incomplete`, "Take the checkpoint again.");
  }

  /** An error at the current place for what a newer CRIU may write, to be thrown. */
  unsupported(why: string): MigrationError {
    return this.#error("image-unsupported", why, "Take the checkpoint with CRIU 4.2, or update migrate-container.");
  }

  /** Refuses an image that would become more objects than memory has room for. */
  countObject(): void {
    if (--this.#objectsLeft < 0) {
      throw this.unsupported(`more than ${mostObjects} messages and strings in one image`);
    }
  }

  take(length: number | bigint, what: string): Uint8Array {
    if (length > this.left) {
      throw this.corrupt(`${what} has ${length} bytes, but ${this.left} are left`);
    }
    const start = this.position;
    this.position += Number(length);
    return this.bytes.subarray(start, this.position);
  }

  /** Reads `length` bytes with `read`, which must use all of them. */
  within<T>(length: number, what: string, read: () => T): T {
    const outerEnd = this.end;
    const start = this.position;
    this.take(length, what);
    this.position = start;
    this.end = start + length;
    const value = read();
    this.end = outerEnd;
    return value;
  }

  /** Names `place` in the errors of `read`, and bounds the depth. */
  inside<T>(place: string, read: () => T): T {
    if (this.place.length >= mostPlaces) {
      throw this.corrupt(`messages nested more than ${deepestNesting} deep`);
    }
    this.place.push(place);
    const value = read();
    this.place.pop();
    return value;
  }

  fixed32(): number {
    const at = this.position;
    this.take(4, "a 32-bit number");
    return this.#view.getUint32(at, true);
  }

  fixed64(): bigint {
    const at = this.position;
    this.take(8, "a 64-bit number");
    return this.#view.getBigUint64(at, true);
  }

  uint32(): number {
    this.#varint();
    if (this.#high !== 0) {
      throw this.corrupt("a 32-bit number exceeds 32 bits");
    }
    return this.#low;
  }

  /** Negative numbers come as ten bytes, sign-extended to 64 bits. */
  int32(): number {
    this.#varint();
    const value = this.#low | 0;
    if (this.#high !== 0 && !(this.#high === largestUint32 && value < 0)) {
      throw this.corrupt("a 32-bit number exceeds 32 bits");
    }
    return value;
  }

  uint64(): bigint {
    this.#varint();
    return this.#high === 0 ? BigInt(this.#low) : (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.position >= this.end) {
        throw this.corrupt("a number is cut off");
      }
      const byte = this.bytes[this.position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        high |= bits << (shift - 32);
      }
      if (shift === 63 && byte > 1) {
        throw this.corrupt("a number exceeds 64 bits");
      }
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
  }

  #error(code: "image-corrupt" | "image-unsupported", why: string, remedy: string): MigrationError {
    const place = this.place.join(".");
    const where = place === "" ? "" : `${place}, `;
    return new MigrationError(code, `${this.file} (${where}offset ${this.position}): ${why}`, {
      remedy,
      details: { file: this.file, field: place, offset: this.position },
    });
  }
}
