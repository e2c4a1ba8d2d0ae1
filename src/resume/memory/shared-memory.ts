import type { Pagemap } from "../../criu/images/checkpoint-images.ts";
import { pageSize, vmaStatus } from "../../criu/images/flags.ts";
import type { MemfdInodeEntry } from "../../criu/images/schema/index.ts";
import { emitCopies } from "../data-files.ts";
import type { Emission } from "../emission.ts";
import { userVmas } from "../process.ts";
import { processesOf } from "../tree.ts";

const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;

export interface SharedSegment {
  /** What VMAs call it: the shmem id, or the file ids of a memfd. */
  readonly keys: ReadonlySet<bigint>;
  readonly name: string;
  /** Bytes. */
  readonly size: bigint;
  readonly pagemap: Pagemap | undefined;
  /** Of a memfd, and of what CRIU takes for one. */
  readonly inode: MemfdInodeEntry | undefined;
}

/**
 * The shared anonymous memory of the tree, and its memfds, mapped or not. Kernels from 6.x on show MAP_SHARED|MAP_ANONYMOUS memory to CRIU as a
 * memfd named /dev/zero (seen with CRIU 4.2 on 6.18), older ones as shared anonymous memory.
 */
export function sharedSegments({ tree, images }: Pick<Emission, "tree" | "images">): SharedSegment[] {
  const segments = new Map<bigint, SharedSegment>();
  for (const { shmid, status, start, end, pgoff } of processesOf(tree).flatMap((process) => userVmas(process))) {
    if ((status & vmaStatus.ANON_SHARED) === 0 || (status & vmaStatus.MEMFD) !== 0) continue;
    const [known, size] = [segments.get(shmid)?.size ?? 0n, pgoff + (end - start)];
    const pagemap = images.shmemPagemap(shmid);
    segments.set(shmid, { keys: new Set([shmid]), name: "shared", size: known > size ? known : size, pagemap, inode: undefined });
  }
  return [...segments.values(), ...memfds(images)];
}

function memfds(images: Emission["images"]): SharedSegment[] {
  const files = [...images.files.values()].flatMap(({ memfd }) => memfd ?? []);
  return [...Map.groupBy(files, ({ inode_id }) => inode_id)].flatMap(([id, descriptions]) => {
    const inode = images.memfds.get(id);
    if (inode === undefined) return [];
    const keys = new Set(descriptions.map((description) => BigInt(description.id)));
    return [{ keys, name: inode.name, size: inode.size, pagemap: images.shmemPagemap(inode.shmid), inode }];
  });
}

/** Makes the segments; their bytes go from the pages file into them inside the kernel. */
export function emitSharedMemory(emission: Emission): Map<bigint, number> {
  const { program, temporaries } = emission;
  const made = new Map<bigint, number>();
  for (const { keys, name, size, pagemap, inode } of sharedSegments(emission)) {
    const describe = `shared memory ${[...keys].join(" ")}`;
    const sealable = inode !== undefined && inode.seals !== F_SEAL_SEAL ? MFD_ALLOW_SEALING : 0;
    program.call("memfd_create", [program.text(name === "/dev/zero" ? "_dev_zero" : name), sealable], { describe });
    const descriptor = temporaries.adopt(describe);
    program.call("ftruncate", [descriptor, size], { describe });
    const runs = pagemap?.runs ?? [];
    const ranges = runs.map((run) => ({ from: run.fileOffset, to: run.address, length: BigInt(run.pages * pageSize) }));
    emitCopies(emission, descriptor, pagemap?.pagesFile ?? "", ranges, `read ${describe}`);
    if (inode !== undefined) {
      program.call("ftruncate", [descriptor, size], { describe }); // the last page was whole
      emitInode(emission, inode, descriptor);
    }
    for (const key of keys) made.set(key, descriptor);
  }
  return made;
}

/** Owner, mode and seals. A seal against writing binds mappings that are made later only if they are shared and writable. */
function emitInode({ program }: Emission, { uid, gid, mode, seals, name }: MemfdInodeEntry, descriptor: number): void {
  const describe = `memfd ${name}`;
  program.call("fchown", [descriptor, uid, gid], { describe });
  if (mode !== undefined) program.call("fchmod", [descriptor, mode & 0o7777], { describe });
  if (seals !== 0 && seals !== F_SEAL_SEAL)
    program.call("fcntl", [descriptor, F_ADD_SEALS, seals], { describe: `seals of ${describe}` });
}
