import type { Pagemap } from "../../criu/images/checkpoint-images.ts";
import { pageSize, vmaStatus } from "../../criu/images/flags.ts";
import type { VmaEntry } from "../../criu/images/schema/index.ts";
import { emitCopy } from "../data-files.ts";
import type { Emission } from "../emission.ts";
import { userVmas } from "../process.ts";
import { processesOf } from "../tree.ts";

export interface SharedSegment {
  /** What VMAs call it: the shmem id, or the file ids of a memfd. */
  readonly keys: ReadonlySet<bigint>;
  readonly name: string;
  /** Bytes. */
  readonly size: bigint;
  readonly pagemap: Pagemap | undefined;
}

/**
 * The shared anonymous memory of the tree. Kernels from 6.x on show MAP_SHARED|MAP_ANONYMOUS memory to CRIU as a
 * memfd named /dev/zero (seen with CRIU 4.2 on 6.18), older ones as shared anonymous memory.
 */
export function sharedSegments({ tree, images }: Pick<Emission, "tree" | "images">): SharedSegment[] {
  const segments = new Map<string, SharedSegment>();
  for (const vma of processesOf(tree).flatMap((process) => userVmas(process))) {
    const segment = segmentOf(images, vma);
    if (segment === undefined) continue;
    const [identity, { keys, name, size, pagemap }] = segment;
    const known = segments.get(identity);
    const largest = known !== undefined && known.size > size ? known.size : size;
    segments.set(identity, { keys: new Set([...keys, ...(known?.keys ?? [])]), name, size: largest, pagemap });
  }
  return [...segments.values()];
}

/** The segment that a VMA shows, as far as the VMA tells, and what it is the same as in other VMAs. */
function segmentOf(
  images: Emission["images"],
  { shmid, status, start, end, pgoff }: VmaEntry,
): [identity: string, SharedSegment] | undefined {
  const keys = new Set([shmid]);
  if ((status & vmaStatus.MEMFD) !== 0) {
    const inode = images.memfds.get(images.files.get(Number(shmid))?.memfd?.inode_id ?? -1);
    if (inode === undefined) return undefined;
    return [`memfd ${inode.inode_id}`, { keys, name: inode.name, size: inode.size, pagemap: images.shmemPagemap(inode.shmid) }];
  }
  if ((status & vmaStatus.ANON_SHARED) === 0) return undefined;
  return [`shmem ${shmid}`, { keys, name: "shared", size: pgoff + (end - start), pagemap: images.shmemPagemap(shmid) }];
}

/** Makes the segments; their bytes go from the pages file into them inside the kernel. */
export function emitSharedMemory(emission: Emission): Map<bigint, number> {
  const { program, temporaries } = emission;
  const made = new Map<bigint, number>();
  for (const { keys, name, size, pagemap } of sharedSegments(emission)) {
    const describe = `shared memory ${[...keys].join(" ")}`;
    program.call("memfd_create", [program.text(name.replaceAll("/", "_")), 0], { describe });
    const descriptor = temporaries.adopt(describe);
    program.call("ftruncate", [descriptor, size], { describe });
    for (const run of pagemap?.runs ?? []) {
      const range = { from: run.fileOffset, to: run.address, length: BigInt(run.pages * pageSize) };
      emitCopy(emission, descriptor, { name: pagemap!.pagesFile, ...range }, `read ${describe}`);
    }
    for (const key of keys) made.set(key, descriptor);
  }
  return made;
}
