import { vmaStatus } from "../../criu/images/flags.ts";
import type { MemfdFileEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { defineFileKind, type FileSurroundings } from "./kind.ts";

const F_SETFL = 4;
const F_SEAL_FUTURE_WRITE = 0x10;
const O_ACCMODE = 3;
const O_RDWR = 2;
const O_ASYNC = 0o20000;
const MAP_SHARED = 1;
const PROT_WRITE = 2;

export const memfdKind = defineFileKind("memfd", { refuse, open: emitMemfds });

function refuse({ inode_id: id }: MemfdFileEntry, { images }: FileSurroundings): string[] {
  const inode = images.memfds.get(id);
  if (inode === undefined) return ["a memfd that the images do not hold"];
  if ((inode.hugetlb_flag ?? 0) !== 0) return ["a memfd of huge pages"];
  // Such a mapping would have to be made in every process before the seal is set.
  const isWritten = images.pstree
    .flatMap(({ pid }) => images.mm(pid)?.vmas ?? [])
    .some(
      ({ status, flags, prot, shmid }) =>
        (status & vmaStatus.MEMFD) !== 0 &&
        (flags & MAP_SHARED) !== 0 &&
        (prot & PROT_WRITE) !== 0 &&
        images.files.get(Number(shmid))?.memfd?.inode_id === id,
    );
  return isWritten && (inode.seals & F_SEAL_FUTURE_WRITE) !== 0
    ? [`the memfd ${inode.name}, sealed with F_SEAL_FUTURE_WRITE while it is mapped for writing`]
    : [];
}

/** Descriptions of memory that emitSharedMemory has made. */
function emitMemfds(emission: Emission, entries: readonly MemfdFileEntry[]): Map<number, number> {
  const opened = new Map<number, number>();
  const taken = new Set<number>();
  for (const entry of entries) {
    const descriptor = emitDescription(emission, entry, taken);
    if (entry.pos > 0n) emission.program.call("lseek", [descriptor, entry.pos, 0], { describe: "offset of a memfd" });
    opened.set(entry.id, descriptor);
  }
  return opened;
}

/** The first description for reading and writing is the one that memfd_create() made: only that one can be executed. */
function emitDescription({ program, temporaries, shared }: Emission, { id, flags }: MemfdFileEntry, taken: Set<number>): number {
  const made = shared.get(BigInt(id))!;
  const opening = flags & ~O_ASYNC;
  if ((flags & O_ACCMODE) === O_RDWR && !taken.has(made)) {
    taken.add(made);
    program.call("fcntl", [made, F_SETFL, opening & ~O_ACCMODE], { describe: "flags of a memfd" });
    program.call("lseek", [made, 0, 0], { describe: "offset of a memfd" });
    return made;
  }
  program.call("openat", [AT_FDCWD, program.text(`/proc/self/fd/${made}`), opening, 0], { describe: "open a memfd" });
  return temporaries.adopt("a memfd");
}
