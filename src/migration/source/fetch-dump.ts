import { createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { describeFiles, verifySums } from "../../checkpoint/manifest.ts";
import type { Host } from "../../host/host.ts";
import { openLocalHost } from "../../host/local.ts";
import { formatBytes } from "../../text/bytes.ts";
import { countBytes } from "../../transfer/count-bytes.ts";
import { type LinkPatience, overLink } from "../../transfer/over-link.ts";
import { sumFiles } from "../../transfer/sums.ts";

/** Bytes. Smaller files come in one archive; a larger one by itself, so that it goes on where the link broke. */
const largeBytes = 1 << 20;

const listScript = `cd "$1" && stat -c '%s %n' *; ! command -v zstd >/dev/null || echo zstd`;
// In the middle of a file `tail -c +N` seeks (coreutils, toybox); frames of zstd are read as they come.
const readScript = `tail -c "+$(($2 + 1))" "$1" | if [ "$3" = zstd ]; then zstd -1 -c -q; else cat; fi`;

export interface FetchOptions extends LinkPatience {
  /** Told how many bytes of how many are here. */
  readonly onBytes: (bytes: number, total: number) => void;
}

interface Listed {
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly hasZstd: boolean;
}

/**
 * Fetches a folder without folders in it, and compares the SHA-256 sums of both sides. A file that was begun goes on where the link broke.
 * @param there the folder on the other machine
 * @param here its new place; what was there is removed
 * @returns what came, for people
 * @throws MigrationError `package-corrupt`, `command-failed`, `target-unreachable` when the machine stayed away, `cancelled`
 */
export async function fetchDump(host: Host, there: string, here: string, options: FetchOptions): Promise<string> {
  const { signal, onBytes } = options;
  await rm(here, { recursive: true, force: true });
  await mkdir(here, { mode: 0o700 });
  const { files, hasZstd } = parseList(await overLink(host, options, () => host.script(listScript, [there], { signal })));
  const small = files.filter(({ size }) => size < largeBytes);
  const large = files.filter(({ size }) => size >= largeBytes);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = small.reduce((sum, { size }) => sum + size, 0);
  const names = small.map(({ name }) => name);
  await overLink(host, options, () => fetchArchive(host, there, names, here, signal));
  onBytes(done, total);
  for (const { name, size } of large) {
    const path = join(here, name);
    const onPiece = (bytes: number) => onBytes(done + bytes, total);
    await overLink(host, options, () => fetchRest(host, join(there, name), path, hasZstd, { signal, onPiece }));
    done += size;
  }
  const arrived = await describeFiles(here, undefined, signal);
  const all = files.map(({ name }) => name);
  const sums = await overLink(host, options, () => sumFiles(host, there, all, signal));
  verifySums({ files: arrived }, sums, host.name);
  return `fetched ${formatBytes(total)}`;
}

function parseList(text: string): Listed {
  const lines = text.split("\n").filter((line) => line !== "");
  const files = lines.flatMap((line) => {
    const [, size, name] = /^(\d+) (.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, size: Number(size) }];
  });
  return { files, hasZstd: lines.includes("zstd") };
}

async function fetchArchive(
  host: Host,
  there: string,
  names: readonly string[],
  here: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using local = openLocalHost();
  const packed = host.stream(["tar", "-c", "-f", "-", "-C", there, "--", ...names], { signal });
  await local.must(["tar", "--extract", "--file=-", "--no-same-owner", "--directory", here], { input: packed, signal });
}

async function fetchRest(
  host: Host,
  there: string,
  here: string,
  isCompressed: boolean,
  { signal, onPiece }: { readonly signal: AbortSignal | undefined; readonly onPiece: (bytes: number) => void },
): Promise<void> {
  const begun = await stat(here).then(
    ({ size }) => size,
    () => 0,
  );
  let arrived = begun;
  const count = countBytes((bytes) => {
    arrived += bytes;
    onPiece(arrived);
  });
  const input = host.stream(["sh", "-euc", readScript, "sh", there, String(begun), isCompressed ? "zstd" : ""], { signal });
  const output = createWriteStream(here, { flags: "a", mode: 0o600 });
  await (isCompressed ? pipeline(input, createZstdDecompress(), count, output) : pipeline(input, count, output));
}
