import { createCipheriv } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MiB = 1 << 20;

export interface NoisyPackage extends AsyncDisposable {
  readonly directory: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

/** A folder with a small file and a large one, half of which is noise: what memory is like, and no two pieces are the same. @param size bytes of the large one, whole MiB */
export async function makeNoisyPackage(size: number): Promise<NoisyPackage> {
  const directory = await mkdtemp(join(tmpdir(), "noisy-"));
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const half = Buffer.alloc(MiB / 2);
  const content = Buffer.alloc(size);
  for (let offset = 0; offset < size; offset += MiB) content.set(noise.update(half), offset);
  await writeFile(join(directory, "pages-1.img"), content);
  await writeFile(join(directory, "core-1.img"), "core");
  return {
    directory,
    files: [
      { name: "core-1.img", size: 4 },
      { name: "pages-1.img", size },
    ],
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
