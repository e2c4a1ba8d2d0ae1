import type { CheckpointImages, Pagemap } from "../../criu/images/checkpoint-images.ts";
import { pageSize, vmaStatus } from "../../criu/images/flags.ts";
import { endOf } from "../../criu/images/page-runs.ts";
import { MigrationError } from "../../errors.ts";
import { userVmas } from "../process.ts";
import { processesOf, type TreeRoot } from "../tree.ts";
import { sharedSegments } from "./shared-memory.ts";

/** A file is at most this large (MAX_LFS_FILESIZE, include/linux/fs.h). */
const largestSize = (1n << 63n) - 1n;

/**
 * Looks whether what is known of the tree's shared memory fits together.
 * @throws MigrationError `image-corrupt`
 */
export function refuseInconsistentSharedMemory(images: CheckpointImages, tree: TreeRoot): void {
  for (const { keys, name, size, pagemap } of sharedSegments({ tree, images }))
    checkSegment(`shared memory ${name} (${[...keys].join(" ")})`, size, pagemap);
  const attachable = new Set<bigint>();
  for (const object of images.ipcObjects) {
    if (object.kind !== "shared memory segment") continue;
    attachable.add(BigInt(object.desc.id));
    if (object.inPagemap)
      checkSegment(`the System V segment ${object.desc.id}`, object.size, images.shmemPagemap(object.desc.id));
  }
  for (const { status, shmid, start } of processesOf(tree).flatMap((process) => userVmas(process))) {
    if ((status & vmaStatus.SYSVIPC) !== 0 && !attachable.has(shmid))
      throw corrupt(`0x${start.toString(16)} shows the System V segment ${shmid}, which the images do not hold`);
  }
}

function checkSegment(what: string, size: bigint, pagemap: Pagemap | undefined): void {
  if (size > largestSize) throw corrupt(`${what} has ${size} bytes`);
  // CRIU writes a pagemap for each, though it may be empty, but for a memfd of no bytes (criu/shmem.c, dump_one_memfd_shmem).
  if (pagemap === undefined && size > 0n) throw corrupt(`the pages of ${what} are missing`);
  const last = pagemap?.runs.at(-1);
  if (last !== undefined && endOf(last) - BigInt(pageSize) >= size)
    throw corrupt(`${what} of ${size} bytes has pages beyond its end`);
}

function corrupt(why: string): MigrationError {
  return new MigrationError("image-corrupt", `${why}: the images are damaged`, { remedy: "Take the checkpoint again." });
}
