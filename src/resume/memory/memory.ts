import type { PageRun } from "../../criu/images/checkpoint-images.ts";
import { pageSize, vmaStatus } from "../../criu/images/flags.ts";
import { firstRunBeyond } from "../../criu/images/page-runs.ts";
import type { VmaEntry } from "../../criu/images/schema/index.ts";
import type { Emission } from "../emission.ts";
import { emitAttach } from "../ipc/shared-memory.ts";
import { MAP_GROWSDOWN, stackRoom } from "../layout.ts";
import { Label } from "../machine-code/assembler.ts";
import { AT_FDCWD } from "../machine-code/program.ts";
import { filePath, userVmas } from "../process.ts";
import { emitPages } from "./pages.ts";

export const protection = { NONE: 0, READ: 1, WRITE: 2, EXEC: 4 } as const;
export const mapping = {
  SHARED: 0x1,
  PRIVATE: 0x2,
  FIXED: 0x10,
  ANONYMOUS: 0x20,
  LOCKED: 0x2000,
  NORESERVE: 0x4000,
  HUGETLB: 0x40000,
} as const;
const MADV_DONTDUMP = 16;

/** Temporary descriptors of shared memory by what a VMA's `shmid` names. */
export type SharedMemory = ReadonlyMap<bigint, number>;

/** Maps every VMA at its place, writable where pages or patches follow, and reads the pages. */
export function emitMemory(emission: Emission, shared: SharedMemory, patched: readonly bigint[]): void {
  const { process } = emission;
  const vmas = userVmas(process);
  const runs = process.pagemap.runs;
  const fileDescriptors = new Map<string, number>();
  for (const vma of vmas) {
    emitVma(emission, vma, isWritten(vma, runs, patched) ? writableProtection(emission, vma) : vma.prot, shared, fileDescriptors);
  }
  emitPages(emission);
}

/**
 * Locks what was locked (mlock). Pages without any permission can't be brought in, for which the call fails, but are
 * locked all the same (mm/mlock.c, do_mlock).
 */
export function emitLocks({ process, program }: Emission): void {
  for (const { start, end, flags, prot } of userVmas(process)) {
    if ((flags & mapping.LOCKED) === 0) continue;
    const expect = prot === protection.NONE ? "ignore" : "ok";
    program.call("mlock", [start, end - start], { expect, describe: `lock memory at 0x${start.toString(16)}` });
  }
}

/** Of memory that is still being filled. What is executed too early may be an old content of the instruction cache. */
function writableProtection({ architecture }: Pick<Emission, "architecture">, { prot }: VmaEntry): number {
  const kept = architecture.instructions.executableAfterWriting ? prot & ~protection.EXEC : prot;
  return kept | protection.READ | protection.WRITE;
}

/**
 * Gives memory the permissions that it had, where `emitMemory` gave it others. The kernel makes the instruction cache see what was
 * written when memory becomes executable (arch/arm64/mm/flush.c, __sync_icache_dcache).
 */
export function emitProtections({ process, program, architecture }: Emission, patched: readonly bigint[]): void {
  const runs = process.pagemap.runs;
  for (const vma of userVmas(process)) {
    if (vma.prot === writableProtection({ architecture }, vma) || !isWritten(vma, runs, patched)) continue;
    program.call("mprotect", [vma.start, vma.end - vma.start, vma.prot], { describe: `protect ${formatVma(vma)}` });
  }
}

function isWritten(vma: VmaEntry, runs: readonly PageRun[], patched: readonly bigint[]): boolean {
  const run = firstRunBeyond(runs, vma.start);
  return (run !== undefined && run.address < vma.end) || patched.some((address) => address >= vma.start && address < vma.end);
}

function emitVma(
  emission: Emission,
  vma: VmaEntry,
  prot: number,
  shared: SharedMemory,
  fileDescriptors: Map<string, number>,
): void {
  const { program, images, unlinked } = emission;
  const { start, status } = vma;
  const length = vma.end - start;
  const describe = `map ${formatVma(vma)}`;
  if ((status & vmaStatus.VVAR) !== 0) {
    // The data pages of the source kernel's vDSO: nothing reads them, as the functions are replaced. They keep the place.
    program.call("mmap", [start, length, 0, mapping.PRIVATE | mapping.FIXED | mapping.ANONYMOUS, -1n, 0], {
      expect: start,
      describe,
    });
  } else if ((status & vmaStatus.SYSVIPC) !== 0) {
    if (vma.pgoff === 0n) emitAttach(emission, vma);
    else program.call("mprotect", [start, length, prot], { describe });
  } else if ((status & (vmaStatus.ANON_SHARED | vmaStatus.MEMFD)) !== 0) {
    const kind = (vma.flags & mapping.SHARED) !== 0 ? mapping.SHARED : mapping.PRIVATE;
    const segment = shared.get(vma.shmid)!;
    // Memory that is sealed against writing is mapped as it was: through a descriptor that can't write (mm/shmem.c, shmem_mmap).
    const readOnly = (status & vmaStatus.MEMFD) !== 0 && vma.fdflags !== undefined && (vma.fdflags & 3) === 0;
    const descriptor = readOnly ? openOnce(emission, `/proc/self/fd/${segment}`, 0, fileDescriptors) : segment;
    program.call("mmap", [start, length, prot, kind | mapping.FIXED, descriptor, vma.pgoff], {
      expect: start,
      describe,
    });
  } else if ((status & (vmaStatus.FILE_PRIVATE | vmaStatus.FILE_SHARED)) !== 0) {
    const path = filePath(images, vma.shmid);
    const flags = (status & vmaStatus.FILE_SHARED) !== 0 ? (vma.fdflags ?? 0) & 3 : 0;
    const deleted = unlinked.get(Number(vma.shmid));
    const place = deleted === undefined ? path : `/proc/self/fd/${deleted}`;
    const descriptor = openOnce(emission, place, flags, fileDescriptors);
    const kind = (vma.flags & ~(mapping.ANONYMOUS | mapping.LOCKED)) | mapping.FIXED;
    program.call("mmap", [start, length, prot, kind, descriptor, vma.pgoff], {
      expect: start,
      describe: `${describe} from ${path}`,
    });
  } else {
    emitStackRoom(emission, vma);
    const kind = (vma.flags & ~(MAP_GROWSDOWN | mapping.LOCKED)) | mapping.FIXED | mapping.ANONYMOUS;
    program.call("mmap", [start, length, prot, kind, -1n, 0], { expect: start, describe });
  }
  emitAdvice(emission, vma);
}

/**
 * A stack gets all the room it may grow into at once: an emulator does not grow it for buffers that system calls
 * write to, and natively it saves a VMA flag that only the kernel's own stack has.
 */
function emitStackRoom({ program, process }: Emission, vma: VmaEntry): void {
  if ((vma.flags & MAP_GROWSDOWN) === 0) return;
  const below = userVmas(process)
    .filter(({ end }) => end <= vma.start)
    .reduce((highest, { end }) => (end > highest ? end : highest), 0n);
  const lowest = [vma.end - stackRoom, below + 0x10000n].reduce((a, b) => (a > b ? a : b));
  if (lowest >= vma.start) return;
  const flags = mapping.PRIVATE | mapping.FIXED | mapping.ANONYMOUS | mapping.NORESERVE;
  program.call("mmap", [lowest, vma.start - lowest, vma.prot, flags, -1n, 0], { expect: lowest, describe: "room for the stack" });
}

/** madvise states. What a kernel or an emulator does not know changes speed or core dumps only. */
function emitAdvice({ program }: Emission, vma: VmaEntry): void {
  const advice = vma.madv ?? 0n;
  for (let bit = 0; bit < 64; bit++) {
    if (bit === MADV_DONTDUMP || ((advice >> BigInt(bit)) & 1n) === 0n) continue;
    program.call("madvise", [vma.start, vma.end - vma.start, bit], { expect: "ignore" });
  }
}

function openOnce({ program, temporaries }: Emission, path: string, flags: number, opened: Map<string, number>): number {
  const key = `${flags} ${path}`;
  const known = opened.get(key);
  if (known !== undefined) return known;
  program.call("openat", [AT_FDCWD, program.text(path), flags, 0], { describe: `open the mapped file ${path}` });
  const descriptor = temporaries.adopt(path);
  opened.set(key, descriptor);
  return descriptor;
}

function formatVma({ start, end }: VmaEntry): string {
  return `0x${start.toString(16)}-0x${end.toString(16)}`;
}

/** Natively: unmaps what the kernel made for this program (loader, stack, vDSO), all but the program itself. */
export function emitUnmapSurroundings({ program, architecture }: Emission): void {
  const { code, end } = program.starts;
  program.call("munmap", [0, code], { describe: "unmap below the program" });
  const [largest, ...smaller] = architecture.userSpaceEnds;
  const unmap = (spaceEnd: bigint, expect: "ok" | "ignore"): void => {
    program.loadDistance("argument1", end, spaceEnd - BigInt(pageSize));
    program.call("munmap", [end, "argument1"], { expect, describe: "unmap above the program" });
  };
  // A kernel refuses what lies beyond its own user space.
  const done = new Label("unmapped");
  for (const spaceEnd of [largest, ...smaller]) {
    const isLast = spaceEnd === (smaller.at(-1) ?? largest);
    unmap(spaceEnd, isLast ? "ok" : "ignore");
    if (isLast) break;
    program.code.compare("result", 0);
    program.code.jumpIf("equal", done);
  }
  program.code.define(done);
}

/** Makes the program's code and data read-only: they stay in the process, so nothing in them may be writable and executable. */
export function emitSeal({ program }: Emission): void {
  const { code, data, scratch, shared } = program.starts;
  for (const [from, to, prot] of [
    [code, data, protection.READ | protection.EXEC],
    [data, scratch, protection.READ],
    [scratch, shared, protection.READ | protection.WRITE],
  ] as const) {
    program.loadDistance("argument1", from, to);
    program.call("mprotect", [from, "argument1", prot], { describe: "protect the resume program" });
  }
}

/** Maps the memory in which the processes meet. Before the first fork. */
export function emitMapMeetingMemory({ program }: Emission): void {
  const { shared, kernel } = program.starts;
  const prot = protection.READ | protection.WRITE;
  program.loadDistance("argument1", shared, kernel);
  program.call("mmap", [shared, "argument1", prot, mapping.SHARED | mapping.FIXED | mapping.ANONYMOUS, -1n, 0], {
    describe: "memory to meet in",
  });
}

/** Unmaps it, when the process has met the others for the last time. */
export function emitUnmapMeetingMemory({ program }: Emission): void {
  const { shared, kernel } = program.starts;
  program.loadDistance("argument1", shared, kernel);
  program.call("munmap", [shared, "argument1"], { describe: "unmap the memory to meet in" });
}
