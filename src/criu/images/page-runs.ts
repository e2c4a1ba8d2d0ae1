import { MigrationError } from "../../errors.ts";
import type { PageRun } from "./checkpoint-images.ts";
import { pagemapFlag, pageSize } from "./flags.ts";
import { refuseNewerFormat } from "./newer-format.ts";
import type { PagemapEntry } from "./schema/index.ts";

const bytesPerPage = BigInt(pageSize);
const knownFlags = pagemapFlag.PARENT | pagemapFlag.LAZY | pagemapFlag.PRESENT;
const endOfMemory = 1n << 64n;

/**
 * The runs of a pagemap whose bytes are in the pages file, with their places in it.
 * @throws MigrationError `image-corrupt`, `image-unsupported`
 */
export function pageRuns(entries: readonly PagemapEntry[], file: string): { runs: readonly PageRun[]; size: bigint } {
  const runs: PageRun[] = [];
  let fileOffset = 0n;
  let previousEnd = 0n;
  for (const entry of entries) {
    refuseNewerFormat("pagemap_entry", entry, file);
    const { vaddr } = entry;
    const flags = flagsOf(entry);
    const pages = entry.nr_pages ?? BigInt(entry.compat_nr_pages);
    const length = pages * bytesPerPage;
    const end = vaddr + length;
    if (vaddr % bytesPerPage !== 0n || vaddr < previousEnd || end > endOfMemory) {
      throw new MigrationError("image-corrupt", `${file}: the run of ${pages} pages at 0x${vaddr.toString(16)} is out of place`, {
        remedy: "Take the checkpoint again.",
        details: { file },
      });
    }
    previousEnd = end;
    refuseAbsentPages(flags, vaddr, file);
    if ((flags & pagemapFlag.PRESENT) !== 0 && pages > 0n) {
      runs.push({ address: vaddr, pages: Number(pages), flags, fileOffset });
      fileOffset += length;
    }
  }
  return { runs, size: fileOffset };
}

/** The address one past a run. */
export function endOf({ address, pages }: PageRun): bigint {
  return address + BigInt(pages) * bytesPerPage;
}

/** The run that holds an address, or else the first one above it. Address spaces have hundreds of thousands of runs. */
export function firstRunBeyond(runs: readonly PageRun[], address: bigint): PageRun | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(runs[middle]!) <= address) low = middle + 1;
    else high = middle;
  }
  return runs[low];
}

/** As CRIU's reader treats images of all ages (CRIU v4.2, criu/pagemap.c, init_compat_pagemap_entry). */
function flagsOf({ flags, in_parent }: PagemapEntry): number {
  if (in_parent === true) {
    return (flags ?? 0) | pagemapFlag.PARENT;
  }
  return flags ?? pagemapFlag.PRESENT;
}

function refuseAbsentPages(flags: number, address: bigint, file: string): void {
  const at = `${file}: the pages at 0x${address.toString(16)}`;
  if ((flags & pagemapFlag.PARENT) !== 0) {
    throw new MigrationError("image-unsupported", `${at} are in the images of an earlier pre-dump`, {
      remedy: "Take a whole checkpoint, without --prev-images-dir.",
      details: { file },
    });
  }
  if ((flags & pagemapFlag.LAZY) !== 0 && (flags & pagemapFlag.PRESENT) === 0) {
    throw new MigrationError("image-unsupported", `${at} are still on the machine of the dump`, {
      remedy: "Take the checkpoint without --lazy-pages.",
      details: { file },
    });
  }
  if ((flags & ~knownFlags) !== 0) {
    throw new MigrationError("image-unsupported", `${at} have unknown flags (0x${(flags >>> 0).toString(16)})`, {
      remedy: "Take the checkpoint with CRIU 4.2, or update migrate-container.",
      details: { file },
    });
  }
}
