/** Bytes of files that may be under way before the receiver has said that it has taken them: what a break costs at most, beside a block. */
const windowBytes = 8 << 20;
/** Milliseconds without a word of the receiver after which a piece passes all the same: a codec may keep more to itself than the window has. */
const patienceMs = 2000;

/**
 * Keeps what is under way small. A link's own buffers are no measure of what has arrived: between `adb` and its server alone Linux holds up to
 * tcp_rmem's 32 MiB for a device that is slow (9 MiB were seen to be lost with one break), and OpenSSH's channels hold 2 MiB.
 */
export class SendWindow {
  #passed = 0;
  /** Undefined: as much as comes. */
  #limit: number | undefined = windowBytes;
  #wake = Promise.withResolvers<void>();

  /** The receiver has taken so many bytes more. */
  taken(bytes: number): void {
    if (bytes > 0 && this.#limit !== undefined) this.#set(this.#limit + bytes);
  }

  /** Lets everything pass: the receiver doesn't tell what it takes, or takes nothing any more. */
  open(): void {
    this.#set(undefined);
  }

  /** @param source in pieces much smaller than the window */
  async *pass(source: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
    for await (const piece of source as AsyncIterable<Buffer>) {
      this.#passed += piece.length;
      while (this.#limit !== undefined && this.#passed > this.#limit) await this.#wait(piece.length);
      yield piece;
    }
  }

  async #wait(bytes: number): Promise<void> {
    const timer = setTimeout(() => this.taken(bytes), patienceMs);
    await this.#wake.promise;
    clearTimeout(timer);
  }

  #set(limit: number | undefined): void {
    this.#limit = limit;
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers();
    resolve();
  }
}
