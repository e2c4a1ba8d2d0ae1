import type { ArchiveLimits } from "./limits.ts";
import { refusal } from "./refusal.ts";

/** How much may still be unpacked. */
export class Budget {
  readonly #limits: ArchiveLimits;
  readonly #archiveBytes: number;
  readonly #freeBytes: number;
  #total = 0;
  #members = 0;

  /** @param freeBytes of the file system that it is unpacked to */
  constructor(limits: ArchiveLimits, archiveBytes: number, freeBytes: number) {
    this.#limits = limits;
    this.#archiveBytes = archiveBytes;
    this.#freeBytes = freeBytes;
  }

  /**
   * Takes the bytes of one member, before any of it is written.
   * @throws MigrationError `archive-refused`: `too-many-members`, `too-large`, `no-room`, `ratio`
   */
  spend(bytes: number): void {
    const { members } = this.#limits;
    this.#members += 1;
    if (this.#members > members) throw refusal("too-many-members", `it has more than ${members} members`);
    this.spendMore(bytes);
  }

  /**
   * Takes more bytes, of a member that is decompressed.
   * @throws MigrationError `archive-refused`: `too-large`, `no-room`, `ratio`
   */
  spendMore(bytes: number): void {
    const { totalBytes, ratio, ratioFreeBytes, reserveBytes } = this.#limits;
    this.#total += bytes;
    if (this.#total > totalBytes) throw refusal("too-large", `it unpacks to more than ${totalBytes} bytes`);
    if (this.#total > ratioFreeBytes && this.#total > ratio * this.#archiveBytes) {
      throw refusal("ratio", `its ${this.#archiveBytes} bytes unpack to ${this.#total} or more`, {
        remedy: "If you made it, make it again with --compress none: memory of nothing but zeros shrinks so much.",
      });
    }
    if (this.#total > this.#freeBytes - reserveBytes) {
      throw refusal("no-room", `it unpacks to ${this.#total} bytes or more, and there are ${this.#freeBytes} free`, {
        remedy: "Free some space, or let XDG_STATE_HOME name a folder on a larger file system.",
      });
    }
  }
}
