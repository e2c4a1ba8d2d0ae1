import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../../criu/images/flags.ts";
import { containerFileReader } from "../../migration/container-files.ts";
import { type ArchivedExecutable, executablesFolder } from "../archive/manifest.ts";

const elfMagic = [0x7f, 0x45, 0x4c, 0x46] as const;

/** Paths of the files that processes have mapped from their begin: those that the compiler reads (src/resume/cpu/modules.ts). */
export function mappedFiles(images: CheckpointImages): string[] {
  const paths = images.pstree
    .flatMap(({ pid }) => images.mm(pid)?.vmas ?? [])
    .filter(({ status, pgoff }) => (status & vmaStatus.FILE_PRIVATE) !== 0 && (status & vmaStatus.MEMFD) === 0 && pgoff === 0n)
    .map(({ shmid }) => Number(shmid))
    .filter((id) => !images.remaps.has(id))
    .map((id) => images.files.get(id)?.reg?.name);
  return [...new Set(paths.filter((path) => path !== undefined))].toSorted();
}

/**
 * Copies the executables and libraries of a frozen container's processes into `executables/` of a folder, each under its SHA-256.
 * @param pid a process of the container, as this machine counts
 */
export async function copyExecutables(images: CheckpointImages, pid: number, folder: string): Promise<ArchivedExecutable[]> {
  const read = containerFileReader(pid);
  const copied: ArchivedExecutable[] = [];
  const written = new Set<string>();
  for (const path of mappedFiles(images)) {
    const content = read(path);
    if (content === undefined || !elfMagic.every((byte, index) => content[index] === byte)) continue;
    const member = `${executablesFolder}/${createHash("sha256").update(content).digest("hex")}`;
    if (!written.has(member)) await writeFile(join(folder, member), content, { mode: 0o600 });
    written.add(member);
    copied.push({ path, member });
  }
  return copied;
}
