import type { Pagemap } from "../../criu/images/checkpoint-images.ts";
import { pageSize, vmaStatus } from "../../criu/images/flags.ts";
import type { Emission } from "../emission.ts";
import { userVmas } from "../process.ts";

/** The largest count of one sendfile (as of a read). */
const largestCopy = 1n << 30n;

export interface SharedSegment {
  /** What the VMAs call it: the shmem id, or the file id of a memfd. */
  readonly key: bigint;
  readonly name: string;
  /** Bytes. */
  readonly size: bigint;
  readonly pagemap: Pagemap | undefined;
}

/**
 * The shared anonymous memory of the process. Kernels from 6.x on show MAP_SHARED|MAP_ANONYMOUS memory to CRIU as a
 * memfd named /dev/zero (seen with CRIU 4.2 on 6.18), older ones as shared anonymous memory.
 */
export function sharedSegments({ process, images }: Pick<Emission, "process" | "images">): SharedSegment[] {
  const segments = new Map<bigint, SharedSegment>();
  for (const vma of userVmas(process)) {
    const key = vma.shmid;
    if ((vma.status & vmaStatus.MEMFD) !== 0) {
      const inode = images.memfds.get(images.files.get(Number(key))?.memfd?.inode_id ?? -1);
      if (inode === undefined) continue;
      segments.set(key, { key, name: inode.name, size: inode.size, pagemap: images.shmemPagemap(inode.shmid) });
    } else if ((vma.status & vmaStatus.ANON_SHARED) !== 0) {
      const end = vma.pgoff + (vma.end - vma.start);
      const size = segments.get(key)?.size ?? 0n;
      segments.set(key, { key, name: "shared", size: end > size ? end : size, pagemap: images.shmemPagemap(key) });
    }
  }
  return [...segments.values()];
}

/** Makes the segments; their bytes go from the pages file into them inside the kernel. */
export function emitSharedMemory(emission: Emission, pagesDescriptor: (pagesFile: string) => number): Map<bigint, number> {
  const { program, temporaries } = emission;
  const made = new Map<bigint, number>();
  for (const { key, name, size, pagemap } of sharedSegments(emission)) {
    const describe = `shared memory ${key}`;
    program.call("memfd_create", [program.text(name.replaceAll("/", "_")), 0], { describe });
    const descriptor = temporaries.adopt(describe);
    program.call("ftruncate", [descriptor, size], { describe });
    for (const run of pagemap?.runs ?? []) {
      const length = BigInt(run.pages * pageSize);
      for (let offset = 0n; offset < length; offset += largestCopy) {
        const count = length - offset < largestCopy ? length - offset : largestCopy;
        program.call("lseek", [descriptor, run.address + offset, 0], { describe });
        const position = program.scratch(8);
        program.code.move("rax", run.fileOffset + offset);
        program.code.store(position, "rax");
        program.call("sendfile", [descriptor, pagesDescriptor(pagemap!.pagesFile), position, count], {
          expect: count,
          describe: `read ${describe}`,
        });
      }
    }
    made.set(key, descriptor);
  }
  return made;
}
