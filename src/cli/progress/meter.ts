interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Long enough to be steady, short enough to follow a changed link. */
const windowMs = 5000;
const shortestSpanMs = 250;

/** Bytes moved, how fast, and how long the rest will take. */
export class Meter {
  #samples: Sample[] = [];
  #totalBytes: number | undefined;

  /** @param bytes so far, in all */
  record(atMs: number, bytes: number, totalBytes: number | undefined): void {
    // Fewer bytes than before: it was begun anew.
    if (bytes < this.bytes) this.#samples = [];
    this.#samples.push({ atMs, bytes });
    while ((this.#samples[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - windowMs) this.#samples.shift();
    this.#totalBytes = totalBytes;
  }

  get bytes(): number {
    return this.#samples.at(-1)?.bytes ?? 0;
  }

  get totalBytes(): number | undefined {
    return this.#totalBytes;
  }

  /** From 0 to 1; undefined when the total is not known. */
  get share(): number | undefined {
    if (this.#totalBytes === undefined) return undefined;
    return this.#totalBytes === 0 ? 1 : Math.min(1, this.bytes / this.#totalBytes);
  }

  /** Bytes per second in the last seconds; undefined until there is enough to tell. */
  get rate(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < shortestSpanMs) return undefined;
    return (last.bytes - first.bytes) / ((last.atMs - first.atMs) / 1000);
  }

  /** Milliseconds that the rest will take at this rate; undefined when nobody can know. */
  get remainingMs(): number | undefined {
    const { rate } = this;
    if (rate === undefined || rate <= 0 || this.#totalBytes === undefined) return undefined;
    return (Math.max(0, this.#totalBytes - this.bytes) / rate) * 1000;
  }
}
