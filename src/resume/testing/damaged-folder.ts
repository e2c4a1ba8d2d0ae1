import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Folder } from "./damage.ts";

/** A copy of a dump's image folder whose images can be replaced for a while. */
export class DamagedFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "damaged-"));
  /** The images as they were, but for pages. */
  readonly folder: Folder;

  /** @param directory the dump; it may go afterwards */
  constructor(directory: string) {
    const names = readdirSync(directory).toSorted();
    for (const name of names) copyFileSync(join(directory, name), join(this.path, name));
    const images = names.filter((name) => !/^pages-|^SHA256SUMS$/.test(name));
    this.folder = new Map(images.map((name) => [name, readFileSync(join(directory, name))]));
  }

  /** Puts other files in the place of some (undefined: none), and in the end those that were there. */
  async with<Result>(
    changed: ReadonlyMap<string, Uint8Array | undefined>,
    use: (directory: string) => Promise<Result>,
  ): Promise<Result> {
    try {
      for (const [name, bytes] of changed) this.#put(name, bytes);
      return await use(this.path);
    } finally {
      for (const name of changed.keys()) this.#put(name, this.folder.get(name));
    }
  }

  /** The same dump without its sums. */
  withoutSums(): DamagedFolder {
    const other = new DamagedFolder(this.path);
    rmSync(join(other.path, "SHA256SUMS"));
    return other;
  }

  #put(name: string, bytes: Uint8Array | undefined): void {
    rmSync(join(this.path, name), { force: true });
    if (bytes !== undefined) writeFileSync(join(this.path, name), bytes);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
