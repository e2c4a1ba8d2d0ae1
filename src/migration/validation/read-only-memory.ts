import { createHash } from "node:crypto";
import type { CheckpointImages, PageRun } from "../../criu/images/checkpoint-images.ts";
import { vmaStatus } from "../../criu/images/flags.ts";
import type { VmaEntry } from "../../criu/images/schema/index.ts";
import type { Host } from "../../host/host.ts";

/** Dumped pages that a process can't write to, and what they hold. */
export interface ExpectedMemory {
  /** As the container counts. */
  readonly pid: number;
  /** First address in hexadecimal, and how many pages of 4 KiB. */
  readonly runs: readonly { readonly address: string; readonly pages: number }[];
  /** Of all the runs' bytes, one after the other. */
  readonly sha256: string;
}

const pageSize = 4096n;
/** Enough to see that pages are in their places, few enough to be read in a moment. */
const mostPages = 4096;
const mostRuns = 64;
const writable = 2;

/**
 * What must be found in the read-only memory of a process: pages of private file mappings (data made read-only after relocation,
 * mostly). Code that a program makes for itself is left out: it may be rewritten at once.
 * @returns undefined when none of it is in the dump
 */
export function expectedMemory(
  images: CheckpointImages,
  pid: number,
  isAltered: (page: bigint) => boolean,
): ExpectedMemory | undefined {
  const pagemap = images.pagemap(pid);
  if (pagemap === undefined) return;
  const areas = (images.mm(pid)?.vmas ?? []).filter(isReadOnlyFile);
  const runs = areas
    .flatMap((area) => pagemap.runs.flatMap((run) => within(run, area)))
    .flatMap((run) => unaltered(run, isAltered))
    .slice(0, mostRuns);
  const hash = createHash("sha256");
  const taken: { address: string; pages: number }[] = [];
  let left = mostPages;
  for (const run of runs) {
    const pages = Math.min(run.pages, left);
    if (pages === 0) break;
    const bytes = images.readPages(pagemap, run.address, pages * Number(pageSize));
    if (bytes === undefined) continue;
    hash.update(bytes);
    taken.push({ address: run.address.toString(16), pages });
    left -= pages;
  }
  return taken.length === 0 ? undefined : { pid, runs: taken, sha256: hash.digest("hex") };
}

function isReadOnlyFile({ status, prot }: VmaEntry): boolean {
  return (status & vmaStatus.FILE_PRIVATE) !== 0 && (prot & writable) === 0 && (prot & 1) !== 0;
}

type Pages = Pick<PageRun, "address" | "pages">;

/** The part of a run that lies in an area. */
function within({ address, pages }: Pages, { start, end }: VmaEntry): Pages[] {
  const first = address > start ? address : start;
  const runEnd = address + BigInt(pages) * pageSize;
  const last = runEnd < end ? runEnd : end;
  return first < last ? [{ address: first, pages: Number((last - first) / pageSize) }] : [];
}

/** The run without the pages that are changed on purpose. */
function unaltered({ address, pages }: Pages, isAltered: (page: bigint) => boolean): Pages[] {
  const parts: { address: bigint; pages: number }[] = [];
  for (let index = 0; index < pages; index++) {
    const page = address + BigInt(index) * pageSize;
    if (isAltered(page)) continue;
    const last = parts.at(-1);
    if (last !== undefined && last.address + BigInt(last.pages) * pageSize === page) last.pages++;
    else parts.push({ address: page, pages: 1 });
  }
  return parts;
}

// For each run: address and pages. `dd` of busybox and toybox has no bytes for skip: pages are its blocks.
const readRuns = `
pid=$1; shift
while [ $# -gt 0 ]; do
  dd if="/proc/$pid/mem" bs=4096 skip="$1" count="$2" 2>/dev/null || exit 3
  shift 2
done | sha256sum`;

/**
 * Reads the same pages of a running process.
 * @param hostPid the process as its machine counts
 * @returns the SHA-256 sum; undefined when the memory can't be read (any more)
 */
export async function sumOfMemory(host: Host, hostPid: number, { runs }: ExpectedMemory): Promise<string | undefined> {
  const words = runs.flatMap(({ address, pages }) => [String(BigInt(`0x${address}`) / pageSize), String(pages)]);
  const { exitCode, stdout } = await host.run(["sh", "-c", readRuns, "sh", String(hostPid), ...words]);
  return exitCode === 0 ? stdout.slice(0, 64) : undefined;
}
