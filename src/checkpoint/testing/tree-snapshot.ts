import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Everything below a folder, with kind, mode, owner, time and content: two are equal when nothing has changed. */
export async function snapshot(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return await Promise.all(
    ["", ...names].map(async (name) => {
      const path = join(folder, name);
      const stats = await lstat(path);
      const content = stats.isFile()
        ? createHash("sha256")
            .update(await readFile(path))
            .digest("hex")
        : stats.isSymbolicLink()
          ? await readlink(path)
          : "";
      return [name, stats.mode, stats.uid, stats.nlink, stats.isDirectory() ? "" : stats.mtimeMs, content].join(" ");
    }),
  );
}
