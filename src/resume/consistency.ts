import { pageSize, vmaStatus } from "../criu/images/flags.ts";
import { endOf } from "../criu/images/page-runs.ts";
import type { VmaEntry } from "../criu/images/schema/index.ts";
import { MigrationError } from "../errors.ts";
import { type ResumedProcess, userVmas } from "./process.ts";

const MAP_SHARED = 1;
/** The highest descriptor that Linux gives unless an administrator has raised it (fs/file.c, sysctl_nr_open). */
const mostDescriptors = 1 << 20;

/** Signals 1 to 64 without SIGKILL and SIGSTOP. */
const handledSignals = 62;
/** RLIM_NLIMITS (include/uapi/asm-generic/resource.h). */
const resources = 16;

/**
 * Looks whether the parts of a process fit together: what no kernel can have had is damage, or made by somebody who wants the program to
 * write elsewhere than into the process's own memory.
 * @throws MigrationError `image-corrupt`
 */
export function refuseInconsistent(process: ResumedProcess): void {
  const problem =
    addressSpaceProblem(process) ??
    pagesProblem(process) ??
    process.threads.map(process.architecture.damageOf).find((found) => found !== undefined) ??
    descriptorProblem(process) ??
    countProblem(process);
  if (problem === undefined) return;
  throw new MigrationError("image-corrupt", `process ${process.pid}: ${problem}: the images are damaged`, {
    remedy: "Take the checkpoint again.",
    details: { pid: process.pid },
  });
}

function addressSpaceProblem(process: ResumedProcess): string | undefined {
  const [userSpaceEnd] = process.architecture.userSpaceEnds;
  let previousEnd = 0n;
  for (const vma of process.memory.vmas) {
    const { start, end, status } = vma;
    if ((status & vmaStatus.VSYSCALL) !== 0) continue;
    if (start >= end || !isPage(start) || !isPage(end)) return `${range(vma)} is no range of pages`;
    if (end > userSpaceEnd) return `${range(vma)} lies beyond what programs have (0x${userSpaceEnd.toString(16)})`;
    if ((status & vmaStatus.GUARD) !== 0) continue;
    if (start < previousEnd) return `${range(vma)} overlaps the memory below it, or is out of order`;
    previousEnd = end;
  }
  const { mm_start_brk: heap, mm_brk: end } = process.memory;
  return heap <= end && end < userSpaceEnd ? undefined : `the heap from 0x${heap.toString(16)} to 0x${end.toString(16)} can't be`;
}

/** CRIU puts private memory only into a process's pagemap; other pages would be written into files. */
function pagesProblem(process: ResumedProcess): string | undefined {
  const vmas = userVmas(process).filter(({ flags }) => (flags & MAP_SHARED) === 0);
  let index = 0;
  for (const run of process.pagemap.runs) {
    for (let address = run.address; address < endOf(run); ) {
      while (index < vmas.length && vmas[index]!.end <= address) index++;
      const vma = vmas[index];
      if (vma === undefined || vma.start > address) return `the pages at 0x${address.toString(16)} belong to no private memory`;
      address = vma.end;
    }
  }
  return undefined;
}

function descriptorProblem({ descriptors }: ResumedProcess): string | undefined {
  const numbers = new Set<number>();
  for (const { fd } of descriptors) {
    if (fd >= mostDescriptors) return `the descriptor ${fd} is higher than Linux gives (${mostDescriptors - 1})`;
    if (numbers.has(fd)) return `two descriptors have the number ${fd}`;
    numbers.add(fd);
  }
  return undefined;
}

/** Lists that have a fixed or largest length: a longer one would be written beyond the place that it belongs to. */
function countProblem({ task }: ResumedProcess): string | undefined {
  if (task.sigactions.length !== handledSignals) return `${task.sigactions.length} signal handlers instead of ${handledSignals}`;
  const limits = task.rlimits?.rlimits.length ?? 0;
  if (limits > resources) return `${limits} resource limits instead of ${resources}`;
  return undefined;
}

function isPage(address: bigint): boolean {
  return address % BigInt(pageSize) === 0n;
}

function range({ start, end }: VmaEntry): string {
  return `the memory 0x${start.toString(16)}-0x${end.toString(16)}`;
}
