import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeImage } from "../images/encode-image.ts";
import type { Image, ImageEntry } from "../images/image.ts";
import type { EntryOf, HeadOf, ImageKindName } from "../images/kinds.ts";
import { type CoreEntry, coreEntry, taskCoreEntry } from "../images/schema/index.ts";
import { seededRandom } from "./random.ts";
import { randomMessage } from "./random-message.ts";

/** A folder of images made for a test; it goes when the test's scope ends. */
export class ImageDirectory implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** With an inventory and one process, 1, that has two threads, 1 and 7. */
  static async minimal(): Promise<ImageDirectory> {
    const directory = new ImageDirectory(await mkdtemp(join(tmpdir(), "criu-images-")));
    await directory.write("inventory", "inventory.img", [{ message: { img_version: 2, fdinfo_per_id: true } }]);
    await directory.write("pstree", "pstree.img", [{ message: { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1, 7] } }]);
    await directory.write("core", "core-1.img", [{ message: core(1) }]);
    await directory.write("core", "core-7.img", [{ message: core(1) }]);
    return directory;
  }

  async write<Kind extends ImageKindName>(
    kind: Kind,
    name: string,
    entries: readonly ImageEntry<EntryOf<Kind>>[],
    head?: HeadOf<Kind>,
  ): Promise<void> {
    const image: Image<Kind> = { kind, framing: kind === "inventory" ? "bare" : "common", entries };
    await this.raw(name, encodeImage(head === undefined ? image : { ...image, head }));
  }

  async raw(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.path, name), bytes);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.path, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** A leader's state; what registers are in it does not matter. */
export function core(state: number): CoreEntry {
  const random = seededRandom(state);
  return { ...randomMessage(coreEntry, random), tc: { ...randomMessage(taskCoreEntry, random), task_state: state } };
}
