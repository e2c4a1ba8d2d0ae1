import { vmaStatus } from "../criu/images/flags.ts";
import type { VmaEntry } from "../criu/images/schema/index.ts";
import { MigrationError } from "../errors.ts";
import { userVmas } from "./process.ts";
import { processesOf, type TreeRoot } from "./tree.ts";

/** MAP_GROWSDOWN: the VMA is a stack that the kernel grows. */
export const MAP_GROWSDOWN = 0x100;
/** How far a stack may grow: Linux's default RLIMIT_STACK. */
export const stackRoom = 8n << 20n;
const granularity = 0x10000n;
/** Room for the heap to grow. */
const heapRoom = 64n << 20n;
/** Below lies vm.mmap_min_addr (65536 by default). */
const lowestAddress = 0x10000n;

/** The addresses at which a resume program lies while it rebuilds the process. */
export interface Layout {
  /** Where the ELF's segment is loaded: a copy of the image and the code that copies it. */
  readonly loader: bigint;
  /** Where the program runs and stays. */
  readonly program: bigint;
}

/**
 * Finds room for the program below the heap's start, where no VMA of any process is or will grow. Below the heap,
 * since in qemu-user the end of the highest segment is the guest's initial program break (linux-user/elfload.c), so
 * a segment must end at `mm_start_brk`, and near it, since qemu reserves the whole span from the lowest to the highest.
 * @throws MigrationError `cannot-carry` when there is none
 */
export function findLayout(tree: TreeRoot, size: bigint): Layout {
  const ceiling = tree.process.memory.mm_start_brk;
  const rounded = (size + granularity - 1n) & -granularity;
  const needed = 2n * rounded + granularity;
  let best: bigint | undefined;
  let free = lowestAddress;
  const vmas = processesOf(tree).flatMap((process) => userVmas(process));
  const last = { start: ceiling - 2n * granularity, end: ceiling };
  for (const { start, end } of [...occupied(vmas), last].toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    const top = (start < ceiling ? start : ceiling) & -granularity;
    if (top - granularity - needed >= free) best = top - granularity - needed;
    if (end > free) free = (end + 2n * granularity - 1n) & -granularity;
    if (free >= ceiling) break;
  }
  if (best === undefined) {
    throw new MigrationError(
      "cannot-carry",
      `the address space has no ${needed} bytes free in every process below the heap of the first at 0x${ceiling.toString(16)}`,
    );
  }
  return { loader: best, program: best + rounded + granularity };
}

function occupied(vmas: readonly VmaEntry[]): { readonly start: bigint; readonly end: bigint }[] {
  return vmas.map(({ start, end, flags, status }) => ({
    start: (flags & MAP_GROWSDOWN) !== 0 ? start - stackRoom : start,
    end: (status & vmaStatus.HEAP) !== 0 ? end + heapRoom : end,
  }));
}
