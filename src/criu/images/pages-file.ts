import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { MigrationError } from "../../errors.ts";
import type { PageRun } from "./checkpoint-images.ts";
import { endOf, firstRunBeyond } from "./page-runs.ts";

/** The raw pages of one address space, held open for small reads. */
export class PagesFile implements Disposable {
  readonly name: string;
  readonly size: bigint;
  readonly #descriptor: number;
  #open = true;

  /** @throws MigrationError `image-corrupt` when there is no such regular file */
  constructor(directory: string, name: string) {
    this.name = name;
    try {
      this.#descriptor = openSync(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (cause) {
      throw new MigrationError("image-corrupt", `${name} can't be opened`, { cause, remedy: "Take the checkpoint again." });
    }
    const stats = fstatSync(this.#descriptor, { bigint: true });
    this.size = stats.size;
    if (!stats.isFile()) {
      this.close();
      throw new MigrationError("image-corrupt", `${name} is no regular file`, { remedy: "Take the checkpoint again." });
    }
  }

  /** @returns undefined when a part of the range is in no run */
  read(runs: readonly PageRun[], address: bigint, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = address + BigInt(done);
      const run = firstRunBeyond(runs, at);
      if (run === undefined || run.address > at) {
        return undefined;
      }
      const skipped = at - run.address;
      const left = endOf(run) - at;
      const piece = left < BigInt(length - done) ? Number(left) : length - done;
      this.#readFully(bytes.subarray(done, done + piece), run.fileOffset + skipped);
      done += piece;
    }
    return bytes;
  }

  close(): void {
    if (this.#open) {
      this.#open = false;
      closeSync(this.#descriptor);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readFully(target: Uint8Array, position: bigint): void {
    for (let done = 0; done < target.length; ) {
      const count = readSync(this.#descriptor, target, done, target.length - done, position + BigInt(done));
      if (count === 0) {
        throw new MigrationError("image-corrupt", `${this.name} ended at byte ${position + BigInt(done)}`, {
          remedy: "Take the checkpoint again.",
        });
      }
      done += count;
    }
  }
}
