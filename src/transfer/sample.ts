import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Host } from "../host/host.ts";

/** Bytes. Enough to tell how well content is compressed. */
const sampleBytes = 4 << 20;
const pieceBytes = 64 << 10;
const pageBytes = 4096;

interface Range {
  readonly start: number;
  readonly end: number;
}

// A page may have gone since (EIO, EFAULT): there are others.
const readMemory = `pid=$1; shift; for page; do dd if="/proc/$pid/mem" bs=${pageBytes} skip="$page" count=${pieceBytes / pageBytes} 2>/dev/null || true; done`;

/**
 * Pieces of the private, writable memory of a process, evenly spread; the process goes on meanwhile.
 * @returns less than 4 MiB, or nothing, where the process has no more
 * @throws MigrationError `command-failed` when it has ended, `target-unreachable`, `cancelled`
 */
export async function sampleMemory(host: Host, pid: number, signal?: AbortSignal): Promise<Buffer> {
  const maps = await host.must(["cat", `/proc/${pid}/maps`], { signal });
  const ranges = Array.from(maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.p .*$/gm), ([, start = "", end = ""]) => ({
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
  }));
  const pages = chosenOf(ranges).map(({ start }) => String(start / pageBytes));
  return await buffer(host.stream(["sh", "-c", readMemory, "sh", String(pid), ...pages], { signal }));
}

/** The same of the largest file of a folder. */
export async function sampleFolder(directory: string): Promise<Buffer> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => ({ name, size: (await stat(join(directory, name))).size })));
  const largest = sizes.toSorted((a, b) => b.size - a.size)[0];
  if (largest === undefined) return Buffer.alloc(0);
  await using file = await open(join(directory, largest.name));
  const read: Buffer[] = [];
  for (const { start, end } of chosenOf([{ start: 0, end: largest.size }])) {
    const piece = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    read.push(piece.buffer.subarray(0, piece.bytesRead));
  }
  return Buffer.concat(read);
}

function chosenOf(ranges: readonly Range[]): Range[] {
  const pieces = ranges.flatMap(piecesOf);
  const step = Math.max(1, Math.floor(pieces.length / (sampleBytes / pieceBytes)));
  return pieces.filter((_, index) => index % step === 0).slice(0, sampleBytes / pieceBytes);
}

/** A heap may reserve terabytes of address space that it never touches: of each range as many pieces as the sample could take. */
function piecesOf({ start, end }: Range): Range[] {
  const number = Math.min(Math.ceil((end - start) / pieceBytes), sampleBytes / pieceBytes);
  const stride = Math.floor((end - start) / number / pageBytes) * pageBytes || end - start;
  return Array.from({ length: number }, (_, index) => {
    const from = start + index * stride;
    return { start: from, end: Math.min(from + pieceBytes, end) };
  });
}
