import type { PageRun } from "../../criu/images/checkpoint-images.ts";
import { pageSize } from "../../criu/images/flags.ts";
import type { Emission } from "../emission.ts";

/** How many pieces one read takes (UIO_MAXIOV, include/uapi/linux/uio.h). */
const mostPieces = 1024;
/** How much one read takes: MAX_RW_COUNT is 2^31 - 4096 (include/linux/fs.h). */
const mostBytes = 1n << 30n;

interface Piece {
  readonly address: bigint;
  readonly length: bigint;
}

/** Bytes that follow one another in the pages file, and the places where they belong. */
interface Read {
  readonly fileOffset: bigint;
  readonly pieces: Piece[];
  length: bigint;
}

/**
 * Reads the pages to their places. Runs follow one another in the pages file however far apart they lie in memory, so one call
 * reads a thousand of them: a run costs 16 bytes of a table, not code of its own. A program that touched every second page of
 * a gigabyte has 131,072.
 */
export function emitPages({ process, program, data }: Emission): void {
  const { pagemap } = process;
  for (const { fileOffset, pieces, length } of planReads(pagemap.runs)) {
    const table = program.words(pieces.flatMap((piece) => [piece.address, piece.length]));
    // The high half of the offset is for 32-bit kernels (fs/read_write.c, pos_from_hilo).
    program.call("preadv", [data.get(pagemap.pagesFile)!, table, pieces.length, fileOffset, 0], {
      expect: length,
      describe: `read the pages from 0x${pieces[0]!.address.toString(16)} on`,
    });
  }
}

/** Divides runs among reads, each as large as a read may be. */
export function planReads(runs: readonly PageRun[]): Read[] {
  const reads: Read[] = [];
  for (const run of runs) {
    const end = run.address + BigInt(run.pages) * BigInt(pageSize);
    for (let address = run.address; address < end; ) {
      const fileOffset = run.fileOffset + (address - run.address);
      let read = reads.at(-1);
      const follows = read !== undefined && read.fileOffset + read.length === fileOffset;
      if (read === undefined || !follows || read.pieces.length === mostPieces || read.length === mostBytes) {
        read = { fileOffset, pieces: [], length: 0n };
        reads.push(read);
      }
      const [left, room] = [end - address, mostBytes - read.length];
      const length = left < room ? left : room;
      read.pieces.push({ address, length });
      read.length += length;
      address += length;
    }
  }
  return reads;
}
