import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes. Enough to tell how well content is compressed. */
const sampleBytes = 4 << 20;
const pieceBytes = 64 << 10;

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Pieces of the private, writable memory of a process of this machine, evenly spread; the process goes on meanwhile.
 * @returns less than 4 MiB, or nothing, where the process has no more
 * @throws an error with `code` ENOENT or ESRCH when it has ended
 */
export async function sampleMemory(pid: number): Promise<Buffer> {
  const maps = await readFile(`/proc/${pid}/maps`, "utf8");
  const ranges = Array.from(maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.p .*$/gm), ([, start = "", end = ""]) => ({
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
  }));
  return await sample(`/proc/${pid}/mem`, ranges);
}

/** The same of the largest file of a folder. */
export async function sampleFolder(directory: string): Promise<Buffer> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => ({ name, size: (await stat(join(directory, name))).size })));
  const largest = sizes.toSorted((a, b) => b.size - a.size)[0];
  return largest === undefined ? Buffer.alloc(0) : await sample(join(directory, largest.name), [{ start: 0, end: largest.size }]);
}

async function sample(path: string, ranges: readonly Range[]): Promise<Buffer> {
  const pieces = ranges.flatMap(piecesOf);
  const step = Math.max(1, Math.floor(pieces.length / (sampleBytes / pieceBytes)));
  const chosen = pieces.filter((_, index) => index % step === 0).slice(0, sampleBytes / pieceBytes);
  await using file = await open(path);
  const read: Buffer[] = [];
  for (const { start, end } of chosen) {
    // A page of /proc/pid/mem may have gone since (EIO, EFAULT): there are others.
    const piece = await file.read(Buffer.alloc(end - start), 0, end - start, start).catch(() => undefined);
    if (piece !== undefined) read.push(piece.buffer.subarray(0, piece.bytesRead));
  }
  return Buffer.concat(read);
}

/** A heap may reserve terabytes of address space that it never touches: of each range as many pieces as the sample could take. */
function piecesOf({ start, end }: Range): Range[] {
  const number = Math.min(Math.ceil((end - start) / pieceBytes), sampleBytes / pieceBytes);
  const stride = Math.floor((end - start) / number / 4096) * 4096 || end - start;
  return Array.from({ length: number }, (_, index) => {
    const from = start + index * stride;
    return { start: from, end: Math.min(from + pieceBytes, end) };
  });
}
